"""The registry's part of the demonstration: units that apply, rounds in every phase, and what becomes of applications.

`plan` says what happens on which day, the packages' parts play it through their services, each what is its own.
"""

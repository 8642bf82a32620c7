"""Certificates: their numbers, words, frozen facts, printed face, file and check."""

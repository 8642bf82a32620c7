"""The records and what everything stands on: units, accounts, policy, calendar, trail, outbox, entries."""

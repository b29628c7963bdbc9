"""Mails: written with what they report, sent by a worker of their own."""

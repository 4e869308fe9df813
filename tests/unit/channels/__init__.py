"""Tests of the channels, and the kit that every channel's tests run."""

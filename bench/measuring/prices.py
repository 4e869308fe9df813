"""List prices in dollars, us-east-1, without free tiers (August 2026)."""

from __future__ import annotations

MILLION = 1_000_000
HTTP_API = 1.00 / MILLION
LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECOND = 0.0000133334  # arm64
WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
SQS_FIFO = 0.50 / MILLION
SNS_PUBLISH = 0.50 / MILLION
LOG_BYTE = 0.50 / 1e9

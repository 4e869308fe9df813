"""AWS behind our ports: DynamoDB (ledger, settings), SQS (queue), SSM (vault)."""

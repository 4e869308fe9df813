"""SNS's stand-in for texts: they go to numbers, not to topics.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

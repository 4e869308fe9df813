"""The bare pipeline that others are compared with: two functions of 30 lines."""

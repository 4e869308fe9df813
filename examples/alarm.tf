# Terraform: an alarm that Tocsin tells of, and of its end.
variable "alarm_topic_arn" {
  type        = string
  description = "The output AlarmTopicArn of Tocsin's stack."
}

variable "function_name" {
  type        = string
  description = "The function to watch."
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name = "${var.function_name}-errors"
  # A word of its own says how bad it is; without it, an alarm is high.
  alarm_description   = "severity=critical  Runbook: https://example.com/runbook"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = var.function_name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  # Both: the second one is what closes the problem.
  alarm_actions = [var.alarm_topic_arn]
  ok_actions    = [var.alarm_topic_arn]
}

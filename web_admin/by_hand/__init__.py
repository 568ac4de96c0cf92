"""Recording a member who has no card, on the word of two officers."""

"""What the review of each peer looks for: the checks of configs/default.yaml that need no reading of unreadable cells."""

# A row without one of them is no customer.
REQUIRED = ["customer_id", "first_purchase_date", "last_purchase_date", "total_spent", "avg_order_value"]
# Values outside are no values.
RANGES = {"age": (18, 80), "credit_score": (300, 850), "churn_risk": (0, 1)}
# Steps that take rows out, in this order: a row falls to the first that holds for it.
STEPS = ["missing_value", "future_date", "date_order", "inconsistent_order_value", "exact_duplicate"]
# Columns of order lines whose distinct values are counted.
COUNTED = ["customer_id", "order_id", "country"]

"""What a person fills in to order a job, make a clip longer, or connect a vendor."""

from apps.jobs.forms.accounts import AccountForm, LimitsForm
from apps.jobs.forms.extending import ExtendForm
from apps.jobs.forms.ordering import OrderForm

__all__ = ["AccountForm", "ExtendForm", "LimitsForm", "OrderForm"]

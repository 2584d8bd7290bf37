"""Forms for ordering a job, extending a clip and connecting a vendor."""

from apps.jobs.forms.accounts import AccountForm, LimitsForm
from apps.jobs.forms.extending import ExtendForm
from apps.jobs.forms.ordering import OrderForm

__all__ = ["AccountForm", "ExtendForm", "LimitsForm", "OrderForm"]

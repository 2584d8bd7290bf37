"""Template tags of costs."""

from django import template
from django.utils.safestring import SafeString

from apps.budgets.states import CostState
from apps.core.templatetags.components import chip

register = template.Library()

COST_ICONS = {
    CostState.HELD: ("lock", "held"),
    CostState.CHARGED: ("money", ""),
    CostState.VOIDED: ("check", "good"),
    CostState.EXPECTED_REFUND: ("restore", "warn"),
    CostState.UNKNOWN: ("question", "warn"),
}


@register.simple_tag
def cost_chip(state: CostState) -> SafeString:
    """Return the chip of the state of an order's cost."""
    icon, tone = COST_ICONS[state]
    return chip(str(state.label), icon=icon, tone=tone, value=state.value)

"""The laws of the relationship beside buying: deliveries, messages, answers, cases, points, subscriptions, leads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelationshipLaws:
    """Shares are chances, `_days` are means of exponential waits unless said otherwise.

    Late: a web order is late with late_share, whoever it is. A late one lowers how the customer feels about the order by
    late_mood standard deviations (ratings, NPS, CSAT), and the customer leaves for good with late_leaving.
    Of those who agree to the newsletter the shop cannot prove unproved_share; of the others measured_share also let openings
    and clicks be recorded. Of the buyers noticed_share were told at their first order of § 7 (3) UWG.
    Subscriptions end by sBG (Fader, Hardie 2007): the chance to cancel at the end of each month is Beta(sub_a, sub_b).
    """

    promise_days: float = 4.0
    late_share: float = 0.0
    late_mood: float = 0.0
    late_leaving: float = 0.0
    recovered_share: float = 0.5
    asked_share: float = 0.35
    started_share: float = 0.45
    finished_share: float = 0.85
    finding_share: float = 0.03
    skipped_share: float = 0.12
    effort_share: float = 0.6
    question_share: float = 0.02
    response_days: float = 0.5
    resolution_days: float = 1.4
    open_share: float = 0.08
    delivered_share: float = 0.97
    opened_share: float = 0.32
    clicked_share: float = 0.2
    unsubscribed_share: float = 0.01
    complained_share: float = 0.001
    member_share: float = 0.45
    welcome_points: int = 100
    reward_points: int = 100
    points_valid_days: float = 365.0
    subscriber_share: float = 0.06
    trial_share: float = 0.3
    trial_converts: float = 0.6
    sub_a: float = 0.7
    sub_b: float = 6.0
    lead_share: float = 0.08
    qualified_share: float = 0.45
    handed_over_share: float = 0.6
    unproved_share: float = 0.08
    measured_share: float = 0.55
    noticed_share: float = 0.9

"""Scores and segments in pandas."""

import numpy as np


def score(values, reverse=False):
    cuts = np.quantile(values.to_numpy(), [0.2, 0.4, 0.6, 0.8])
    below = np.searchsorted(cuts, values.to_numpy(), side="left").astype(np.int8)
    return 5 - below if reverse else 1 + below


def scored(frame):
    r = frame["r_score"] = score(frame.recency_days, reverse=True)
    f = frame["f_score"] = score(frame.frequency)
    m = frame["m_score"] = score(frame.monetary)
    frame["segment_id"] = np.select(
        [(r >= 4) & (f >= 4) & (m >= 4), (r >= 3) & (f >= 4), (r == 2) & (f >= 4), (r == 1) & (f >= 4), (r >= 4) & (f == 1),
         (r >= 3) & (m >= 4), r >= 4, r == 3, (r <= 2) & ((f == 3) | (m >= 4))],
        ["champions", "loyal_regulars", "at_risk_regulars", "lost_regulars", "newcomers", "big_baskets", "promising", "occasional", "lapsed_potential"],
        "dormant")
    return frame

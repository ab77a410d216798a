"""What the peers share: the day from which customers are seen, and the ten default segments as SQL, which DuckDB and Polars both
take: a copy of configs/segments/default.yaml."""

ANALYSIS_DATE = "2023-11-15"
ORDERS_ANALYSIS_DATE = "2024-01-01"

CASE = """
CASE WHEN r_score >= 4 AND f_score >= 4 AND m_score >= 4 THEN 'champions'
     WHEN r_score >= 3 AND f_score >= 4 THEN 'loyal_regulars'
     WHEN r_score = 2 AND f_score >= 4 THEN 'at_risk_regulars'
     WHEN r_score = 1 AND f_score >= 4 THEN 'lost_regulars'
     WHEN r_score >= 4 AND f_score = 1 THEN 'newcomers'
     WHEN r_score >= 3 AND m_score >= 4 THEN 'big_baskets'
     WHEN r_score >= 4 THEN 'promising'
     WHEN r_score = 3 THEN 'occasional'
     WHEN r_score <= 2 AND (f_score = 3 OR m_score >= 4) THEN 'lapsed_potential'
     ELSE 'dormant' END
"""

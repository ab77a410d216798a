import type { RuleSet } from '../src/api/schema';

export const default_rules: RuleSet = {
  version: 1,
  name: 'Ten segments on recency, frequency and value',
  segments: [
    {
      id: 'champions', name: 'Champions', family: 'core', when: 'r_score >= 4 and f_score >= 4 and m_score >= 4',
      description: 'Bought lately, buy often, spend the most.',
      actions: ['Invite to the early-access sale 48 hours before launch', 'Ask for referrals and reviews after delivery', 'Assign a personal shopper above 2,500 a year'],
      watchouts: ['A small group carries a large part of revenue: watch its recency weekly.', 'Blanket discounts give margin away to people who already buy.'],
    },
    {
      id: 'cannot_lose', name: 'Cannot lose', family: 'slipping', when: 'r_score <= 2 and f_score >= 4 and m_score >= 4',
      description: 'Were top customers; they have stopped coming.',
      actions: ['Personal win-back call or handwritten note', 'Time-limited offer on the category they bought last', 'Ask why they left in two questions'],
      watchouts: ['Each further 30 days without a purchase lowers the chance of return.', 'Repeated heavy offers train them to wait for the next one.'],
    },
    {
      id: 'loyal', name: 'Loyal', family: 'core', when: 'r_score >= 3 and f_score >= 3 and m_score >= 3',
      description: 'Regular buyers with steady spend.',
      actions: ['Cross-sell a second department', 'Offer a 60-day premium trial'],
      watchouts: ['Recency drifts first: alert when a quarter passes without an order.'],
    },
    {
      id: 'at_risk', name: 'At risk', family: 'slipping', when: 'r_score <= 2 and f_score >= 2 and m_score >= 3',
      description: 'High past value, gone quiet.',
      actions: ['Trigger win-back at 60, 90 and 120 days', 'Free delivery for 14 days', 'Show back-in-stock items of their categories'],
      watchouts: ['High historic value hides that the relationship is ending.', 'Cap discount depth at the segment’s margin.'],
    },
    {
      id: 'big_spenders', name: 'Big spenders', family: 'core', when: 'r_score >= 3 and f_score <= 2 and m_score >= 4',
      description: 'Few orders, large baskets.',
      actions: ['Recommend complements to the last large purchase', 'Offer instalments and delivery to the room'],
      watchouts: ['Spend rests on one or two orders: do not read it as loyalty.'],
    },
    {
      id: 'potential', name: 'Potential loyalists', family: 'growing', when: 'r_score >= 4 and f_score between 2 and 4',
      description: 'Recent, a few orders: the next loyal customers.',
      actions: ['Nudge to the third order within 45 days', 'Introduce the loyalty programme at checkout'],
      watchouts: ['Most drop out between order two and three.'],
    },
    {
      id: 'new', name: 'New customers', family: 'growing', when: 'r_score >= 4 and f_score = 1',
      description: 'First order within the last weeks.',
      actions: ['Onboarding series on days 1, 7 and 21', 'Second-purchase offer inside 30 days'],
      watchouts: ['Welcome discounts attract one-time bargain hunters.'],
    },
    {
      id: 'attention', name: 'Need attention', family: 'slipping', when: 'r_score = 3',
      description: 'Middle of the range and cooling.',
      actions: ['Seasonal lookbook for their departments', 'Limited-time points multiplier'],
      watchouts: ['Large group: cost of contact adds up quickly.'],
    },
    {
      id: 'hibernating', name: 'Hibernating', family: 'dormant', when: 'r_score <= 2 and f_score >= 2',
      description: 'Long silent, several past orders.',
      actions: ['One reactivation test a quarter', 'Leave out of paid retargeting'],
      watchouts: ['Stale consent: check opt-in dates before contact.'],
    },
    {
      id: 'lost', name: 'Lost', family: 'dormant', otherwise: true,
      description: 'One old order, low value.',
      actions: ['Stop regular mail', 'Use as an exclusion list for prospecting'],
      watchouts: ['Keep out of targets: it dilutes conversion.'],
    },
  ],
};

const families = ['core', 'growing', 'slipping', 'dormant'] as const;
/** A rule file that means harm: markup in names, and as many segments as a mart may have. */
export function hostile_rules(): RuleSet {
  const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  const segments = Array.from({ length: 199 }, (_, i) => ({
    id: `s_${i}`,
    name: i % 3 ? `Segment ${i} & a name that is a good deal longer than any tile can show` : `${markup} ${i}`,
    family: families[i % 4]!,
    when: i < 100 ? `r_score = ${1 + (i % 5)} and f_score = ${1 + (Math.floor(i / 5) % 5)} and m_score ${i < 50 ? '<=' : '>='} ${i < 25 || i >= 75 ? 2 : 4}` : 'r_score = 1 and f_score = 1 and m_score = 1',
    description: markup,
    actions: [markup, '=cmd|calc'],
    watchouts: [markup],
  }));
  return { version: 1, name: markup, segments: [...segments, { id: 'rest', name: `"'></title>${markup}`, family: 'dormant', otherwise: true, description: '', actions: [markup, markup], watchouts: [markup] }] };
}

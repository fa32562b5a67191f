/** What kinds of decision there are, and the words each one needs. A table; the first kind whose words fit is it. */
import { isQuoted, type Reading } from "./reading.ts";
import type { Topic } from "./topic.ts";
import { SMALL } from "./triage.ts";
import { CLOSE, isClosing, isTrade } from "./upheaval.ts";

const EXPAND: Topic = {
  words:
    /\b(expan(?:d|sion)\w*|enter(?:s|ing)?|market entry|new market|open(?:ing)? (?:a |an )?(?:\w+ )?office|internationali\w*|franchise|launch\w* in (?!january|february|march|april|may|june|july|august|september|october|november|december|q\d|\d)[a-z]\w+)\b/i,
  pilot: {
    title: "Pilot with two customers first",
    summary:
      "Win two paying customers remotely before any local cost arises. Decide on the full step after 90 days, on figures agreed today.",
  },
  hold: {
    title: "Hold for a year",
    summary:
      "Stay with the present markets, keep the budget and look at it again in twelve months. Costs nothing today and leaves the field to others meanwhile.",
  },
  commits:
    "Names one accountable person, commits the budget and ties up sales and support for at least two quarters.",
  success:
    "Five paying customers in the new market within nine months, at a contribution margin no worse than at home",
  upside: "a second home market before it is divided up",
  waiting: "a local competitor signs the reference customers that we would need",
  figure: "the cost of winning one customer there",
  doubt: "the first ten conversations with customers there brought no serious interest",
  duty: "tax registration, employment law and data-processing agreements for the new country",
  downside: "fixed local costs run on while the first deals slip by two quarters",
  people: "One accountable lead, half of their time for six months",
  goTasks: [
    "Appoint the person who answers for the market entry",
    "Have a local adviser confirm tax, employment and data-protection duties in writing",
    "Set budget, milestones and the date on which the entry is stopped if they are missed",
    "Build a list of thirty target customers and book the first ten calls",
    "Put the website, contract and invoice into the local language",
  ],
  pilotTasks: [
    "Choose two pilot customers and agree price and success measures with them",
    "Have the pilot contract checked for local law and data protection",
    "Fix the figures that decide about the full entry after 90 days",
    "Report pilot cost and pipeline every second week",
  ],
  holdTasks: [
    "Put the market entry on the agenda again in twelve months",
    "Name the two signals that would bring it forward",
    "Tell the enquiring customers what to expect until then",
  ],
};

const DEAL: Topic = {
  words:
    /\b(acqui\w*|merge\w*|take ?over|investor\w*|funding|fundrais\w*|term sheet|loan|borrow\w*|stake|equity|series [a-d])\b/i,
  pilot: {
    title: "Agree an option and work together first",
    summary:
      "Sign a paid co-operation with an agreed right to complete the deal within nine months. Shows how the two sides work before the price is final.",
  },
  hold: {
    title: "Decline and stay independent",
    summary:
      "End the talks in a friendly way and put the same attention into the present plan. Keeps cash and control; the chance is probably gone.",
  },
  commits: "Commits capital and management attention for a year and is hard to reverse once signed.",
  success:
    "The business case of the deal reached to 80 % after twelve months, with no unplanned call on cash",
  upside: "a position that would take three years to build alone",
  waiting: "somebody else makes the offer and the terms are set without us",
  figure: "the cash left in the worst quarter after closing",
  doubt: "their key people did not want to stay for two years",
  duty: "due diligence, guarantees and the approval that the shareholders' agreement asks for",
  downside: "integration takes a year of the people who run today's business",
  people: "One member of the management for a third of their time, legal and tax counsel",
  pilotPeople: "One member of the management, a day a week for three months, and legal counsel",
  goTasks: [
    "Instruct counsel and agree the scope of due diligence",
    "Model the cash position for twelve months after closing, in three cases",
    "Write down the price and the terms at which we walk away",
    "Ask the shareholders for the approval that the deal needs",
    "Plan the first hundred days and who leads them",
  ],
  pilotTasks: [
    "Draft the co-operation with a dated right to complete the deal",
    "Agree three measures that show whether the teams work well together",
    "Have counsel check exclusivity and exit terms",
  ],
  holdTasks: ["Decline in person and keep the door open", "Record the reasons and the terms on offer"],
};

const HIRE: Topic = {
  words: /\b(hir(?:e|ing)|recruit\w*|headcount|new role|contractor\w*|freelanc\w*|full[- ]time)\b/i,
  pilot: {
    title: "Cover it with a contractor for three months",
    summary:
      "Bring in an experienced contractor for the most urgent part and measure what changes. Dearer by the day, ended by the month.",
  },
  hold: {
    title: "Close the gap with the team as it is",
    summary:
      "Rank the work, drop what is lowest and share out the rest. No new cost; something visible will not be done.",
  },
  commits: "Adds a permanent salary and about three months until the person carries their share.",
  success:
    "The work that waits today is done within its agreed time for two quarters in a row, without overtime",
  upside: "work that earns or saves money every month it is done",
  waiting: "the best people of the team carry the gap until one of them leaves",
  figure: "what the undone work costs per month",
  doubt: "after six weeks no candidate was better than the average of the team",
  duty: "a written role, a salary within the bands and equal treatment in the selection",
  downside: "a wrong hire costs half a year of salary and the patience of the team",
  people: "The hiring manager, one day a week for six weeks",
  goTasks: [
    "Write the role: three results expected in the first six months",
    "Confirm salary band and budget with finance",
    "Publish the role and ask the team for referrals",
    "Plan the interviews with the same questions for every candidate",
    "Prepare the first thirty days for the new colleague",
  ],
  pilotTasks: [
    "Describe the three-month assignment and what it must deliver",
    "Ask three contractors for offers and check their status under labour law",
    "Set the date for the decision about a permanent role",
  ],
  holdTasks: [
    "Rank the team's work and name what will not be done",
    "Agree the ranking with everyone who waits for results",
    "Review load and overtime after eight weeks",
  ],
};

const PRICE: Topic = {
  words: /\b(pric(?:e|es|ing)|discount\w*|fees?|tariff|freemium|billing plan|subscription plan)\b/i,
  pilot: {
    title: "Change prices for new customers only",
    summary:
      "New contracts get the new price from next month, present customers keep theirs for a year. Shows the effect on sales without touching today's revenue.",
  },
  hold: {
    title: "Keep prices for a year",
    summary:
      "Leave the list as it is and collect what customers say when they buy or leave. No unrest, and no answer to rising costs.",
  },
  commits: "Touches every contract at its next renewal and needs one clear message to all customers.",
  success:
    "Revenue per customer up by the planned share after two quarters, with churn at most one point above today's",
  upside: "a better starting point for every later deal",
  waiting: "costs rise while the list says what it said two years ago",
  figure: "how many customers would leave at the new price",
  doubt: "one of the largest customers said in person that it would leave",
  duty: "notice periods and price clauses in the present contracts",
  downside: "a few large customers leave together and take their references with them",
  people: "The head of sales and one analyst, two weeks each",
  goTasks: [
    "List contracts by renewal date and price clause",
    "Estimate churn at the new price from the last two years of renewals",
    "Write the message to customers and the answers to the five hard questions",
    "Train sales and support before the first letter goes out",
    "Watch churn and win rate weekly for a quarter, with a limit for going back",
  ],
  pilotTasks: [
    "Publish the new list for new contracts with a start date",
    "Measure win rate and discount before and after, every week",
    "Decide about present customers after one quarter",
  ],
  holdTasks: [
    "Ask ten customers what they would pay and why",
    "Review the price list again in twelve months",
  ],
};

const VENDOR: Topic = {
  words:
    /\b(vendors?|suppliers?|(?:switch|migrat|replac)\w*(?! (?:off|on)\b)(?!.*\b(?:remote|hybrid|four[- ]day|offices?|ceo|cto|cfo|coo|head|manager|director)\b)|CRM|ERP|software|licen[cs]es?|tooling|provider|hosting|cloud|renew\w* (?:[\w%'’-]+ ){0,4}?(?:contract|subscription|licen[cs]es?|plan))\b/i,
  pilot: {
    title: "Run both side by side for a quarter",
    summary:
      "One team works with the new solution while the old one stays in charge. Double cost for three months, and a decision on evidence.",
  },
  hold: {
    title: "Stay and renegotiate",
    summary:
      "Use the offer on the table to get better terms where we are. Least effort; today's weaknesses stay.",
  },
  commits: "Moves data and habits over within a quarter; going back costs about as much again.",
  success:
    "All users moved within one quarter, no data lost, and running cost below today's after six months",
  upside: "the hours that people lose every week today",
  waiting: "the present terms run for another year and the move gets larger",
  figure: "the full cost over three years, migration included",
  doubt: "users were slower after two weeks than before",
  duty: "notice periods, data export and a data-processing agreement",
  downside: "the move overlaps with daily business and the old contract renews itself unseen",
  people: "One project lead for a quarter and two key users",
  goTasks: [
    "Check notice period and data export of the present contract",
    "Get the final offer with exit terms and service levels in writing",
    "Plan the move with a rehearsal and a way back",
    "Move one team first and fix what they find",
    "Switch off the old solution and end its contract",
  ],
  pilotTasks: [
    "Choose the team and the three measures for the comparison",
    "Sign a three-month contract without automatic renewal",
    "Compare cost, errors and time after the quarter",
  ],
  holdTasks: [
    "Ask for better terms with the competing offer in hand",
    "Note the next notice date in the calendar",
  ],
};

const OFFICE: Topic = {
  words:
    /\b(leases?|premises|rent(?:ing)?|co-?working|(?:move|moving|relocate|rent|leave|keep|close|find|take|give up|extend|new|second|another|bigger|larger|smaller) (?:[\w%'’-]+ ){0,3}?(?:offices?|headquarters|warehouses?)|offices? (?:space|building|move|lease))\b(?! (?:chair|desk|plant|printer|dog|party|car)s?\b)/i,
  pilot: {
    title: "Take a smaller space for a year first",
    summary:
      "Sign for a year only, on a smaller scale, and count how many desks are used. Dearer per desk, and open at the end.",
  },
  hold: {
    title: "Keep the present space and renegotiate",
    summary: "Ask for better terms where we are. No move and no disruption; today's weaknesses stay.",
  },
  commits: "Binds the company for the whole term, and everybody's daily way to work with it.",
  success:
    "Cost per used desk below today's after a year, and no more people leaving than in the year before",
  upside: "money and habits that fit how the team works today",
  waiting: "the notice date passes and the old terms go on by themselves",
  figure: "how many desks are used on an ordinary Tuesday",
  doubt: "the team leads said that it would cost them people",
  duty: "notice period, deposit, reinstatement of the space and the wording of the employment contracts",
  downside: "the space is wrong for the team and the term runs on for years",
  people: "One person from operations, a day a week until the move is done",
  goTasks: [
    "Confirm notice date and reinstatement duties from the present contract",
    "Count the desks in use for four weeks",
    "Get final terms in writing, with a way out after two years",
    "Ask the team leads what the change means for their people",
    "Plan the handover and tell everybody the date",
  ],
  pilotTasks: [
    "Find two spaces with a term of one year",
    "Count the desks in use for four weeks",
    "Set the date for the decision about the long term",
  ],
  holdTasks: [
    "Ask the landlord for better terms, with a competing offer in hand",
    "Note the next notice date in the calendar",
  ],
};

const PEOPLE: Topic = {
  words:
    /\b(remote|hybrid|four[- ]day|office days?|return to office|policy|bonus|salar\w*|layoff\w*|restructur\w*|reorgani\w*|working hours|vacation)\b/i,
  pilot: {
    title: "Try it with one team for a quarter",
    summary:
      "One team that volunteers works by the new rule and reports openly. Limited effect, real experience, and a date for the decision.",
  },
  hold: {
    title: "Keep today's rule for a year",
    summary: "Nothing changes and the question gets a fixed date. Calm now; the wish behind it stays.",
  },
  commits: "Applies to everyone from the same day and is hard to take back without losing trust.",
  success:
    "Output and customer response times no worse after two quarters, and more people who would recommend us as an employer",
  upside: "good people who stay for a reason that salary cannot buy",
  waiting: "those who can leave most easily decide for themselves",
  figure: "output per team before and after",
  doubt: "the best people of the team spoke against it",
  duty: "employment contracts, consultation of the staff and equal treatment",
  downside: "exceptions multiply and the rule is seen as unfair",
  people: "One person from HR and the team leads, a day a week",
  goTasks: [
    "Have the change checked against contracts and consultation duties",
    "Write the rule on one page, exceptions included",
    "Explain it to everyone in person before it starts",
    "Measure output and satisfaction before and after",
  ],
  pilotTasks: [
    "Find the team that volunteers and agree the measures with it",
    "Fix start, end and the date of the decision",
    "Publish the results, the bad ones too",
  ],
  holdTasks: ["Tell people when the question comes back", "Collect what stands behind the wish"],
};

const BUILD: Topic = {
  words:
    /\b(build\w*|launch\w*|feature\w*|product\w*|roadmap|apps?|platform|api|sunset\w*|prototype|release\w*|rebrand\w*)\b/i,
  pilot: {
    title: "Prototype with two customers first",
    summary:
      "Build the smallest thing two customers will use in earnest, in six weeks. Everything beyond it waits for what they do, not for what they say.",
  },
  hold: {
    title: "Keep it off the roadmap this year",
    summary:
      "Put the people on what is already promised and look again at the next planning. The idea loses nothing but time.",
  },
  commits: "Takes one team for two quarters and adds something that has to be kept running afterwards.",
  success: "Twenty customers who use it every week within six months of release, ten of them paying for it",
  upside: "a reason to buy that the competition does not have",
  waiting: "customers ask twice and then look elsewhere",
  figure: "how many customers would pay for it today",
  doubt: "no customer would put down a deposit for it",
  duty: "security review, terms of use and somebody who supports it",
  downside: "it ships late, and what was promised before ships later still",
  people: "One team of four for two quarters",
  goTasks: [
    "Write the one-page brief: for whom, which problem, how success is measured",
    "Name the team and what it stops doing",
    "Review security and data protection before the first line ships",
    "Release to five customers and watch them use it",
    "Decide about the general release on the agreed measure",
  ],
  pilotTasks: [
    "Choose two customers and agree what they will try",
    "Build the smallest usable version in six weeks",
    "Decide on what they did, at a date fixed today",
  ],
  holdTasks: [
    "Tell the customers who asked",
    "Collect further requests in one place until the next planning",
  ],
};

const OTHER: Topic = {
  words: /./,
  pilot: {
    title: "Try it small for one quarter",
    summary:
      "Start with a part that can be stopped, measure it, and decide about the rest after three months.",
  },
  hold: {
    title: "Leave it as it is for a year",
    summary: "Keep money and attention for the present plan and look at it again in twelve months.",
  },
  commits: "Commits budget and one accountable person, and needs a clear end to what it replaces.",
  success: "The result agreed today is reached within two quarters and inside the budget",
  upside: "a head start that compounds",
  waiting: "the choice is made for us by events",
  figure: "what it brings per month once it runs",
  doubt: "nobody could be found who wants to answer for it",
  duty: "a written scope, a budget limit and a named owner",
  downside: "it takes longer than planned and nobody stops it",
  people: "One accountable owner, a day a week",
  goTasks: [
    "Name the owner and write the scope on one page",
    "Fix the budget and the date of the first review",
    "Check which promises to others it touches",
    "Start with the first milestone and report on it",
  ],
  pilotTasks: [
    "Choose the part to try and the measure for it",
    "Set the end date and the limit of cost",
    "Report the result and decide about the rest",
  ],
  holdTasks: [
    "Put the question on the agenda again in twelve months",
    "Write down what would bring it forward",
  ],
};

const TOPICS = [DEAL, HIRE, EXPAND, PRICE, OFFICE, VENDOR, PEOPLE, BUILD];

/** By what would be done first, then by the whole item. */
export function topicOf(reading: Reading): Topic {
  if (isTrade(reading)) return DEAL;
  if (isClosing(reading)) return CLOSE;
  if (SMALL.test(reading.text)) return OTHER;
  const act = `${reading.act} ${reading.otherAct ?? ""}`;
  // What else an item tells is no part of what would be done, once that could be read.
  const places = isQuoted(reading) ? [act, reading.title, reading.text] : [act];
  return places.map(firstNamed).find((topic) => topic !== null) ?? OTHER;
}

/** "Hire a designer before the funding round" is about the hire: the words that come first count. */
function firstNamed(text: string): Topic | null {
  const found = TOPICS.map((topic) => ({ topic, at: text.search(topic.words) })).filter(({ at }) => at >= 0);
  return found.toSorted((a, b) => a.at - b.at)[0]?.topic ?? null;
}

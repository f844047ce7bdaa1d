/** Words by which models say that they left something out. All in lower case, whole remarks only. */
const CODE =
  "(?:code|implementations?|methods?|functions?|imports?|exports?|class(?:es)?|components?|logic|routes?|handlers?|tests?|styles?)";
const ANYTHING = `(?:${CODE}|files?|contents?|types?|definitions?|fields?|properties|props|cases?|entries|sections?|lines?|setup|config(?:uration)?|above|below)`;
const SO =
  "(?:unchanged|omitted|(?:the )?same(?: as (?:before|above))?|as (?:is|before|above)|not shown|goes? here|here)";
const THE_REST = "(?:the )?(?:rest|remainder|remaining)";
const WHAT_WAS = "(?:the )?(?:rest|remainder|remaining|existing|previous|other|same)";
const OF_THE = "(?:of )?(?:the |this |your )?(?:[\\w-]+ ){0,2}";

const remarks = [
  `${THE_REST} ${OF_THE}${ANYTHING}\\b.{0,30}\\b${SO}`,
  `${THE_REST}(?: of .{1,30})?(?: (?:is|are|stays?|remains?))? ${SO}`,
  `(?:existing|previous|other) (?:[\\w-]+ )?${CODE}\\b.{0,20}\\b${SO}`,
  `${CODE} (?:is |are )?(?:omitted|not shown)\\b.{0,30}`,
  "omitted for (?:brevity|clarity|simplicity)",
  "(?:(?:add|write|put|insert) )?(?:your|the) (?:own )?(?:code|logic|implementation) (?:goes )?here",
  "(?:code|implementation|logic) (?:goes )?here",
  "(?:todo|fixme)\\W+(?:(?:add|write|implement|complete|finish) )?(?:the )?(?:rest|remainder|remaining)\\b.{0,60}",
  "(?:todo|fixme)\\W+implement(?: (?:this|me|here|it))?",
].map(wholeRemark);

/** Only where dots stand before or behind: alone these words may be an honest comment. */
const dottedRemarks = [`${WHAT_WAS} ${OF_THE}${ANYTHING}\\b.{0,40}`].map(wholeRemark);

/** Only behind dots, where a comment that goes on from the line before hardly has them. */
const remarksBehindDots = [
  `(?:and |with |keep )?${WHAT_WAS}(?:.{0,20} ${SO})?`,
  `(?:unchanged|omitted|${SO})\\b.{0,30}`,
  "(?:and so on|etc|snip|truncated|to be continued)",
  `(?:and )?(?:more|similar|further|additional) (?:[\\w-]+ )?${ANYTHING}\\b.{0,30}`,
  `.{1,30} (?:${SO}|for brevity)`,
].map(wholeRemark);

/** Dots on both sides are no sentence. */
const remarksBetweenDots = [`(?:and |with )?${WHAT_WAS}\\b.{0,40}`].map(wholeRemark);

const DOTS_BEFORE = /^[[(<]?\s*(?:\.{3,}|…)\s*/;
const DOTS_BEHIND = /\s*(?:\.{3,}|…)\s*[\])>]?$/;

/** Whether a remark says that something isn't there, such as "... existing code ..." or "rest unchanged". */
export function isRemarkOnGap(remark: string): boolean {
  const isBehindDots = DOTS_BEFORE.test(remark);
  const isBeforeDots = DOTS_BEHIND.test(remark);
  const words = remark
    .replace(DOTS_BEFORE, "")
    .replace(DOTS_BEHIND, "")
    .replace(/[()[\]<>]/g, "")
    .replace(/[.!:;,\s]+$/, "")
    .trim()
    .toLowerCase();
  const matches = (pattern: RegExp): boolean => pattern.test(words);
  if (remarks.some(matches)) return true;
  if (isBehindDots && isBeforeDots && remarksBetweenDots.some(matches)) return true;
  if ((isBehindDots || isBeforeDots) && dottedRemarks.some(matches)) return true;
  return isBehindDots && remarksBehindDots.some(matches);
}

function wholeRemark(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

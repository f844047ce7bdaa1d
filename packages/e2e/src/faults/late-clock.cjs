// Loaded with --require: every Date of the process is five minutes late; what measures durations is left alone.
const offMs = 5 * 60_000;
const now = Date.now.bind(Date);
const TrueDate = Date;
class LateDate extends TrueDate {
  constructor(...parts) {
    if (parts.length === 0) super(now() + offMs);
    else super(...parts);
  }
  static now() {
    return now() + offMs;
  }
}
globalThis.Date = LateDate;

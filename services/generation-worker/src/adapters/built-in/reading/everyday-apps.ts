import { USUAL_APPS } from "./usual-resources";

/** A program that people ask for by its name alone. */
export interface EverydayApp {
  readonly title: string;
  /** What it keeps, in the prompt's own language. */
  readonly keeps: string;
}

const TODO = USUAL_APPS["todo"] ?? "";
const BLOG = USUAL_APPS["blog"] ?? "";
const SHOP = USUAL_APPS["shop"] ?? "";
const HELPDESK = USUAL_APPS["helpdesk"] ?? "";

/** The first that fits counts. */
const everyday: readonly (readonly [pattern: RegExp, title: string, keeps: string])[] = [
  [
    /\b(?:shopping|grocery) lists?\b/,
    "shopping list",
    "items (name, quantity int default 1, bought boolean default false)",
  ],
  [
    /\bwish ?-?lists?\b/,
    "wishlist",
    "wishes (name, url optional, price decimal optional, fulfilled boolean default false)",
  ],
  [
    /\breading lists?\b/,
    "reading list",
    "books (title, authorName optional, status one of (planned, reading, read) default planned)",
  ],
  [/\bto[- ]?dos?\b|\btask (?:list|manager|tracker)s?\b|\bcheck ?lists?\b/, "todo list", TODO],
  [/\bblog(?:s|ging)?\b/, "blog", BLOG],
  [
    /\bnotes\b|\bnote ?-?(?:taking|pads?|books?)\b/,
    "notes",
    "notes (title, body text, pinned boolean default false)",
  ],
  [/\b(?:e-?commerce|(?:web|online) ?-?(?:shop|store))\b/, "shop", SHOP],
  [
    /\b(?:an?|my|our|simple|small|live|group|online|real ?-?time) chat\b|\bchat ?(?:rooms?|apps?|application|server|service|site|system|platform)\b|\bmessenger\b|\bmessaging (?:app|service|platform)\b/,
    "chat",
    "rooms (name unique, topic optional); messages (authorName, body text, sentAt datetime) belong to rooms",
  ],
  [
    /\bexpenses?\b|\bbudget(?:s|ing)?\b|\bpersonal finances?\b|\bspending\b/,
    "expenses",
    "categories (name unique); expenses (description, amount decimal, spentOn date) belong to categories",
  ],
  [
    /\brecipes?\b|\bcook ?-?books?\b/,
    "recipe book",
    "recipes (title, instructions text, servings int optional); ingredients (name, amount string) belong to recipes",
  ],
  [
    /\bkanban\b/,
    "kanban board",
    "boards (name); cards (title, description optional, status one of (todo, doing, done) default todo) belong to boards",
  ],
  [
    /\baddress ?-?books?\b|\bphone ?-?books?\b/,
    "address book",
    "contacts (name, email optional, phone optional, address optional)",
  ],
  [
    /\bcalendars?\b/,
    "calendar",
    "events (title, location optional, startsAt datetime, endsAt datetime optional)",
  ],
  [
    /\b(?:polls?|surveys?|voting)\b/,
    "polls",
    "polls (question); answers (label, votes int default 0) belong to polls",
  ],
  [/\bquiz(?:zes)?\b/, "quiz", "quizzes (title); questions (question text, answer) belong to quizzes"],
  [/\b(?:url|link) ?-?shorteners?\b/, "link shortener", "links (slug unique, url, clicks int default 0)"],
  [
    /\bjob ?-?(?:board|portal|site)s?\b/,
    "job board",
    "companies (name, website optional); jobs (title, description text, location optional) belong to companies",
  ],
  [/\bguest ?-?books?\b/, "guestbook", "entries (name, message text)"],
  [
    /\bforums?\b|\bmessage boards?\b/,
    "forum",
    "topics (title); posts (authorName, body text) belong to topics",
  ],
  [/\bwikis?\b/, "wiki", "pages (title unique, body text)"],
  [
    /\binventor(?:y|ies)\b|\bstock ?-?keeping\b/,
    "inventory",
    "products (name, sku unique, stock int default 0, price decimal optional)",
  ],
  [
    /\b(?:issue|bug) ?-?track(?:er|ing)\b/,
    "issue tracker",
    "projects (name); issues (title, description text, status one of (open, closed) default open) belong to projects",
  ],
  [
    /\btime ?-?(?:track(?:er|ing)|sheets?)\b/,
    "time tracker",
    "projects (name); entries (description, startedAt datetime, endedAt datetime optional) belong to projects",
  ],
  [
    /\b(?:workouts?|fitness|gym)\b/,
    "workouts",
    "workouts (name, performedOn date); exercises (name, reps int, weight float optional) belong to workouts",
  ],
  [/\b(?:diary|diaries|journals?)\b/, "diary", "entries (title optional, body text, writtenOn date)"],
  [
    /\b(?:photo|image|picture) (?:gallery|album)s?\b/,
    "photo gallery",
    "albums (title); photos (title, url) belong to albums",
  ],
  [
    /\bplaylists?\b|\bmusic (?:library|collection|app)\b/,
    "playlists",
    "playlists (name); songs (title, artist) belong to playlists",
  ],
  [/\bhelp ?-?desk\b/, "helpdesk", HELPDESK],
  [/\bnewsletters?\b/, "newsletter", "subscribers (email unique, name optional)"],
  [
    /\bsocial (?:network|media)\b/,
    "social network",
    "profiles (name unique, bio optional); posts (body text) belong to profiles",
  ],
  [/\bportfolio\b/, "portfolio", "projects (title, description optional, url optional)"],
  [
    /\brestaurants?\b/,
    "restaurant",
    "dishes (name, description optional, price decimal); reservations (guestName, guests int, startsAt datetime)",
  ],
  [
    /\bhotels?\b/,
    "hotel",
    "rooms (number unique, pricePerNight decimal); bookings (guestName, startsOn date, endsOn date) belong to rooms",
  ],
  [
    /\bschools?\b/,
    "school",
    "teachers (name, email unique); courses (title, description optional) belong to teachers",
  ],
];

export const everydayApps: readonly (EverydayApp & { readonly pattern: RegExp })[] = everyday.map(
  ([pattern, title, keeps]) => ({ pattern, title, keeps }),
);

/** What a prompt asks for that names a program and nothing it keeps, such as "a todo list in the browser". */
export function findEverydayApp(prompt: string): EverydayApp | undefined {
  const text = prompt.toLowerCase().replace(/\s+/g, " ");
  return everydayApps.find(({ pattern }) => pattern.test(text));
}

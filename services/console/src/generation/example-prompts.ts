export interface ExamplePrompt {
  readonly title: string;
  readonly prompt: string;
}

/** Starting points; each is complete enough to be submitted as it is. */
export const examplePrompts: readonly ExamplePrompt[] = [
  {
    title: "Library",
    prompt:
      "a library with books (title, isbn unique, pages int, publishedAt date) that belong to authors (name, email)",
  },
  {
    title: "Task board",
    prompt:
      "a task board with projects (name unique, description text) and tasks (title, done boolean, dueAt date) that belong to projects",
  },
  {
    title: "Shop",
    prompt:
      "a shop with products (name, sku unique, price decimal, stock int) and reviews (rating int, comment text) that belong to products",
  },
  {
    title: "Clinic",
    prompt:
      "a clinic with doctors (name, specialty), patients (name, email unique, birthday date) and visits (reason text, startsAt datetime) that belong to patients",
  },
];

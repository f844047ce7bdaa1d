import type { Field, ProjectModel, Resource } from "../project-model";
import { EngineError } from "../../../domain/generation-engine";
import { everydayApps } from "./everyday-apps";
import { readModel } from "./read-model";

function resource(model: ProjectModel, pascal: string): Resource {
  const found = model.resources.find(({ names }) => names.pascal === pascal);
  if (found === undefined) throw new Error(`no ${pascal} in ${names(model).join(", ")}`);
  return found;
}

function names(model: ProjectModel): string[] {
  return model.resources.map(({ names: { pascal } }) => pascal).sort();
}

function fields(model: ProjectModel, pascal: string): string[] {
  return resource(model, pascal).fields.map(short);
}

/** `title:string`, `pages?:integer`, `isbn!:string` (unique). */
function short({ name, kind, required, unique, defaultValue }: Field): string {
  const mark = `${unique ? "!" : ""}${required || defaultValue !== undefined ? "" : "?"}`;
  return `${name}${mark}:${kind}${defaultValue === undefined ? "" : `=${String(defaultValue)}`}`;
}

function links(model: ProjectModel, pascal: string): string[] {
  const { belongsTo, manyToMany } = resource(model, pascal);
  return [
    ...belongsTo.map(
      ({ name, required, target, unique }) =>
        `${name}${required ? "" : "?"}${unique ? "!" : ""}>${target.pascal}`,
    ),
    ...manyToMany.map(({ name, target }) => `${name}<>${target.pascal}`),
  ];
}

function messages(model: ProjectModel): string {
  return model.notes.map(({ message }) => message).join("\n");
}

describe("readModel", () => {
  it("reads resources in brackets, types, unique and a relation behind 'that'", () => {
    const model = readModel(
      "a library with books (title, isbn unique, pages int, publishedAt date) that belong to authors (name, email)",
    );
    expect(names(model)).toEqual(["Author", "Book"]);
    expect(fields(model, "Book")).toEqual([
      "title:string",
      "isbn!:string",
      "pages:integer",
      "publishedAt:date",
    ]);
    expect(fields(model, "Author")).toEqual(["name:string", "email:email"]);
    expect(links(model, "Book")).toEqual(["author>Author"]);
    expect(model.title).toBe("Library");
    expect(model.packageName).toBe("library-api");
  });

  it("reads a colon list and a sentence behind a semicolon", () => {
    const model = readModel(
      "todo app with tasks: title, done boolean, dueDate; each task belongs to a project (name)",
    );
    expect(fields(model, "Task")).toEqual(["title:string", "done:boolean", "dueDate:date"]);
    expect(links(model, "Task")).toEqual(["project>Project"]);
    expect(fields(model, "Project")).toEqual(["name:string"]);
  });

  it("reads sentences with 'have' and takes shared things as many-to-many, saying so", () => {
    const model = readModel(
      "A shop: products have a name, price decimal and stock integer; orders have many products",
    );
    expect(fields(model, "Product")).toEqual(["name:string", "price:decimal", "stock:integer"]);
    expect(links(model, "Order")).toEqual(["products<>Product"]);
    expect(messages(model)).toContain("was read as many-to-many");
    expect(messages(model)).toContain("No fields were given for Orders");
  });

  it("reads bullet lines with typed and optional fields", () => {
    const model = readModel("- Book: title:string, pages:int?\n- Author: name, email unique");
    expect(fields(model, "Book")).toEqual(["title:string", "pages?:integer"]);
    expect(fields(model, "Author")).toEqual(["name:string", "email!:email"]);
  });

  it("reads Markdown headings with one field a line", () => {
    const model = readModel(`# School

## Student
- name: string, required
- email: email (unique)
- birth date: date
- belongs to class

## Class
- name: string
- room number: int?

Students and courses are many to many.`);
    expect(fields(model, "Student")).toEqual(["name:string", "email!:email", "birthDate:date"]);
    expect(links(model, "Student")).toEqual(["class>Class", "courses<>Course"]);
    expect(fields(model, "Class")).toEqual(["name:string", "roomNumber?:integer"]);
  });

  it.each([
    [
      "status one of draft, published or archived (default draft)",
      "status:enum=draft",
      ["draft", "published", "archived"],
    ],
    ["status: draft | published", "status:enum", ["draft", "published"]],
    ["difficulty (easy, medium, hard)", "difficulty:enum", ["easy", "medium", "hard"]],
    ['shelf one of "Aisle 1", "Aisle 2"', "shelf:enum", ["Aisle 1", "Aisle 2"]],
    ["size either S or M default M", "size:enum=M", ["S", "M"]],
    ["kind enum(big, small)", "kind:enum", ["big", "small"]],
    ["species one of cat/dog/bird", "species:enum", ["cat", "dog", "bird"]],
  ])("reads the choice in %p", (text, field, values) => {
    const model = readModel(`things (title, ${text}, note text)`);
    expect(fields(model, "Thing")).toEqual(["title:string", field, "note:text"]);
    expect(resource(model, "Thing").fields[1]?.values).toEqual(values);
  });

  it.each([
    ["email", "email:email"],
    ["price", "price:decimal"],
    ["created on", "createdOn:date"],
    ["placed at", "placedAt:datetime"],
    ["isActive", "isActive:boolean"],
    ["has_wings", "hasWings:boolean"],
    ["page count", "pageCount:integer"],
    ["website url", "websiteUrl:url"],
    ["description", "description:text"],
    ["due date", "dueDate:date"],
    ["number of seats", "numberOfSeats:integer"],
    ["date of birth", "dateOfBirth:date"],
    ["phone number", "phoneNumber:string"],
    ["weight", "weight:float"],
    ["tags", "tags:list"],
    ["optional subtitle", "subtitle?:string"],
    ["a unique slug", "slug!:string"],
    ["string label", "label:string"],
    ["stock integer default 0", "stock:integer=0"],
    ["open boolean default true", "open:boolean=true"],
    ["code varchar(12) not null", "code:string"],
    ["genres string[]", "genres:list"],
    ["a list of ingredients", "ingredients:list"],
    ["price as decimal", "price:decimal"],
    ["starts at timestamp?", "startsAt?:datetime"],
  ])("takes %p for %p", (text, expected) => {
    expect(fields(readModel(`things (title, ${text})`), "Thing")).toEqual(["title:string", expected]);
  });

  it("reads bounds of numbers and lengths", () => {
    const model = readModel(
      "ratings (stars int between 1 and 5, comment text max 500, code string at least 3)",
    );
    const [stars, comment, code] = resource(model, "Rating").fields;
    expect(stars).toMatchObject({ min: 1, max: 5 });
    expect(comment).toMatchObject({ max: 500 });
    expect(code).toMatchObject({ min: 3 });
  });

  it.each([
    ["books (title) belong to authors (name)", "Book", ["author>Author"]],
    ["authors (name) have many books (title)", "Book", ["author>Author"]],
    ["posts (title) are written by users (name)", "Post", ["user>User"]],
    ["books (title) optionally belong to series (title)", "Book", ["series?>Series"]],
    ["tasks (title) belong to a user as owner. Users have a name.", "Task", ["owner>User"]],
    ["tasks have a title and an assignee (user). Users (name, email)", "Task", ["assignee>User"]],
    ["Task: title, owner: User, userId. User: name", "Task", ["owner>User", "user>User"]],
    ["categories (name) belong to categories", "Category", ["parent?>Category"]],
    ["users (name) have one profile (bio)", "Profile", ["user!>User"]],
    ["many-to-many between posts (title) and tags (name). posts (title), tags (name)", "Post", ["tags<>Tag"]],
    ["posts (title) have many tags (name). Tags have many posts.", "Post", ["tags<>Tag"]],
    ["posts (title) have and belong to many tags", "Post", ["tags<>Tag"]],
    ["customers (name) can place many orders (total). ", "Order", ["customer>Customer"]],
    ["books (title, author). authors (name)", "Book", ["author>Author"]],
  ])("reads the relation in %p", (prompt, pascal, expected) => {
    expect(links(readModel(prompt), pascal)).toEqual(expected);
  });

  it("makes one relation of a circle optional and says so", () => {
    const model = readModel(
      "houses (name) belong to streets (name); streets belong to towns (name); towns belong to houses",
    );
    const optional = model.resources
      .flatMap(({ belongsTo }) => belongsTo)
      .filter(({ required }) => !required);
    expect(optional).toHaveLength(1);
    expect(messages(model)).toContain("closes a circle");
  });

  it("orders resources so that what is required comes first", () => {
    const order = readModel("c (name) belong to bs (name); bs belong to zs (name)").resources.map(
      (one) => one.names.pascal,
    );
    expect(order.indexOf("Z")).toBeLessThan(order.indexOf("B"));
  });

  it("gives named resources their usual fields", () => {
    const model = readModel("An API for managing customers and invoices");
    expect(fields(model, "Customer")).toEqual(["name:string", "email!:email", "phone?:string"]);
    expect(names(model)).toEqual(["Customer", "Invoice"]);
  });

  it.each(["todo app", "Please build me a blog", "a bookmark manager", "user management system"])(
    "builds the usual for %p",
    (prompt) => {
      expect(readModel(prompt).resources.length).toBeGreaterThan(0);
    },
  );

  it.each([
    ["a todo list in the browser", ["Task"]],
    ["Build me a to-do list", ["Task"]],
    ["a task manager", ["Task"]],
    ["a blogging platform", ["Comment", "Post"]],
    ["a note-taking app for my phone", ["Note"]],
    ["an e-commerce site", ["Order", "Product"]],
    ["A real-time chat application", ["Message", "Room"]],
    ["a chat", ["Message", "Room"]],
    ["a personal finance tracker", ["Category", "Expense"]],
    ["a recipe book", ["Ingredient", "Recipe"]],
    ["a kanban board", ["Board", "Card"]],
    ["a grocery list", ["Item"]],
    ["a quiz app", ["Question", "Quiz"]],
    ["an inventory system", ["Product"]],
    ["a hotel", ["Booking", "Room"]],
  ])("builds what %p usually keeps, and says so", (prompt, expected) => {
    const model = readModel(prompt);
    expect(names(model)).toEqual(expected);
    expect(model.notes.filter(({ level }) => level === "warn")).toEqual([]);
    if (prompt !== "a task manager") expect(messages(model)).toContain("usually keeps");
  });

  it("knows every everyday program by its own name, down to its fields", () => {
    for (const { title, keeps } of everydayApps) {
      const model = readModel(keeps);
      expect([title, model.resources.length]).toEqual([title, keeps.split(";").length]);
      expect([title, messages(model)]).toEqual([
        title,
        expect.not.stringMatching(/Ignored|Not built|left out/),
      ]);
      for (const { fields: all } of model.resources) expect([title, all.length > 0]).toEqual([title, true]);
    }
  });

  it("goes by what a prompt says rather than by what is usual", () => {
    expect(names(readModel("A chat. Channels (name); posts (text) belong to channels"))).toEqual([
      "Channel",
      "Post",
    ]);
    expect(names(readModel("a to-do list where users can add, edit and delete tasks"))).toEqual([
      "Task",
      "User",
    ]);
  });

  it("keeps names apart from JavaScript, SQL and TypeORM", () => {
    const model = readModel(
      "columns (constructor string, select text, __proto__ string); orders (user string, table int)",
    );
    expect(names(model)).toEqual(["ColumnEntry", "Order"]);
    expect(fields(model, "ColumnEntry")).toEqual([
      "constructorValue:string",
      "select:text",
      "protoValue:string",
    ]);
  });

  it("leaves out the fields that every resource has", () => {
    const model = readModel("books (id uuid, title, createdAt timestamp, title string)");
    expect(fields(model, "Book")).toEqual(["title:string"]);
  });

  it("builds at most 20 resources with 40 fields each and says what it left out", () => {
    const wide = Array.from({ length: 50 }, (_, index) => `field${index} int`).join(", ");
    const many = Array.from(
      { length: 30 },
      (_, index) => `widget${String.fromCharCode(97 + (index % 26))}x${index}s (name)`,
    );
    const model = readModel(`boxes (${wide}), ${many.join(", ")}`);
    expect(model.resources).toHaveLength(20);
    expect(resource(model, "Box").fields).toHaveLength(40);
    expect(messages(model)).toContain("At most 20 resources are built");
    expect(messages(model)).toContain("more than 40 fields");
  });

  it("says what it ignored", () => {
    expect(messages(readModel("books (title, isbn). It must sparkle like diamonds."))).toMatch(
      /Ignored.*sparkle like diamonds/,
    );
  });

  it.each([
    "Hello, how are you?",
    "Write a poem about the sea",
    "Note that hello is a greeting. Let's chat!",
    "a calculator",
    "My dog has fleas",
    "",
    "!!!",
    "12345",
    "日本語のテキスト",
  ])("finds nothing to build in %p, with an example", (prompt) => {
    const error = caught(() => readModel(prompt));
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: "nothing_to_build", retryable: false });
    expect((error as Error).message).toContain("a library with books (title,");
  });
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}

/** Words that name the thing to be built, not something it keeps. */
export const APP_NOUNS = words(`
  app application api apis rest backend service microservice system site website platform tool server software
  program project solution product-catalog shop store webshop e-commerce ecommerce library blog crm cms erp tracker manager
  todo-app portal dashboard marketplace forum wiki database db inventory shelter clinic school university hospital
  restaurant hotel gym agency company studio bank planner scheduler network helpdesk diary journal organizer
  register registry catalog catalogue directory archive web mobile crud endpoint endpoints interface prototype mvp
  model models schema entities entity resources resource fields field attributes columns properties tables
  requirements features feature details data model datamodel overview notes description example
`);

/** Adjectives and the like in front of a noun; never part of a name. */
export const QUALIFIERS = words(`
  simple small little tiny basic new nice good great cool complete full fully modern clean minimal minimalistic robust
  scalable secure fast quick typescript node nodejs express typeorm postgres postgresql sql json http restful
  personal online local our my your their his her its own different various other another more such same whole
  the a an each every any some all many several multiple few one two three lots both following certain given
  functional production-ready ready well-tested tested beautiful working real
`);

/** Words that end a noun phrase: the grammar's own, verbs and everyday glue. */
export const STRUCTURE = words(`
  and or with without has have having had contains contain containing include includes including consists consist
  consisting comprises comprise belongs belong belonging owned owns own own written created made placed assigned
  linked linking related references reference referencing refers attached associated connected which that who whose where
  when while if then else so because of for from to in on at by as into onto per via between through is are was were be been being
  am can could may might must shall should will would do does did not no but also too only just it they them
  we i you he she me us this these those there here please build create make write generate give want need
  needs wants like would manage manages managing track tracks tracking store stores storing keep keeps keeping
  save saves saving handle handles handling organize organizes organizing organise catalogs cataloging record
  records recording list lists listing let lets allow allows allowing using use uses used called named about
  plus each every optionally optional required unique expose exposes exposing develop design implement provide
  provides support supports supporting get gets set sets add adds help helps show shows edit editing delete deleting remove removing
`);

export const HAS_VERBS = words(`
  has have having with contains contain containing include includes including comprises comprise need needs gets get
  records stores
`);

/** Verbs after which a list of things to keep may follow. */
export const KEEP_VERBS = words(`
  manage manages managing track tracks tracking store stores storing keep keeps keeping save saves saving handle
  handles handling organize organizes organizing organise organising catalog catalogs cataloging record recording
  list lists listing collect collects collecting for of with including about crud
`);

/** What people can do with many of something: `customers place orders`. */
export const OWNING_VERBS = words(`
  own owns write writes place places create creates make makes publish publishes hold holds host hosts submit
  submits upload uploads log logs
`);

/** Participles of `… by`, `… to` that point at an owner. */
export const OWNED_PARTICIPLES = words(`
  owned written created made placed assigned linked related attached associated connected authored published
  submitted uploaded posted tied bound reported managed taught hosted filed
`);

export const MANY_WORDS = words(`many multiple several lots numerous zero any unlimited various`);

export const ARTICLES = words(`a an the its their his her each every one some exactly single this that`);

export const PRONOUNS = words(
  `i we you they he she it me us my dog-pronoun who someone everyone anyone people`,
);

/** Things that by their nature are shared: `orders have many products` does not give a product away. */
export const SHARED_NOUNS = words(`
  tag label category skill role permission ingredient genre topic feature amenity product course member participant
  attendee actor author language technology keyword song group badge interest allergen material supplier
  student teacher user
`);

/** Field names so usual that a word from here is a field and never a value or a resource. */
export const USUAL_FIELDS = words(`
  name title email phone description body content text price amount quantity date status isbn url slug summary
  address city country age firstname lastname username label code notes color colour size weight height done
  completed active due price stock sku rating score year pages qty total subject message comment
`);

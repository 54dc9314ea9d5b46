/* schema/schema.h
 * JSON Schema, drafts 04 to 2020-12, compiled. A compiled schema is const, lives in the arena it
 * was compiled into, and is shared by all threads. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"
#include "document/document.h"

struct schema;

struct schema_set;
struct pattern_limits;

enum formats_mode {
    FORMATS_ASSERT,     /* `format` is checked, whatever the dialect: what the product does */
    FORMATS_ANNOTATE,   /* it changes no verdict */
    FORMATS_BY_DIALECT, /* it is checked if the meta-schema says so */
};
/* What a schema may cost, told as errors when it is more. The time is the processor time of
 * compiling it. What may be exceeded later only is the work of one check, which ends undecided
 * then. */
struct schema_limits {
    size_t bytes; /* of the texts it was read from */
    uint32_t subschemas;
    uint32_t nesting; /* of schemas within one another */
    uint32_t enum_values;
    uint32_t compile_ms;
    uint64_t check_steps;
    const struct pattern_limits *patterns;
    bool closed; /* no reference may lead outside the schema */
};
/* For schemas that come with a call, and for those of the configuration. */
extern const struct schema_limits schema_limits_callers, schema_limits_authors;

struct schema_options {
    const struct schema_set *set; /* where references may lead to (kept); NULL: nowhere outside */
    struct text uri;              /* of the schema; empty: its document's file */
    struct text metaschema;       /* of a schema without `$schema`; empty: that of 2020-12 */
    const struct schema_limits *limits; /* NULL: those of authors */
    enum formats_mode formats;
    bool content_asserts; /* base64 and JSON in strings are checked, which are annotations else */
};

/* Compiles the schema at cell `root` of `document` (both kept). Everything wrong with it goes to
 * `diagnostics`, unknown keywords as warnings. Returns NULL when there was an error. `$ref` may
 * lead anywhere inside this schema, to the schemas of the options' set, and to the meta-schemas;
 * nothing is ever fetched. */
const struct schema *schema_compile_with(const struct document *document, uint32_t root,
                                         const struct schema_options *options, struct arena *arena,
                                         struct diagnostics *diagnostics);
/* With the options of the product: formats are checked, and there is nothing outside. */
const struct schema *schema_compile(const struct document *document, uint32_t root,
                                    struct arena *arena, struct diagnostics *diagnostics);
/* The schema of that URI in the set; `options` (may be NULL) name neither set nor URI then. */
const struct schema *schema_set_compile(const struct schema_set *set, struct text uri,
                                        const struct schema_options *options, struct arena *arena,
                                        struct diagnostics *diagnostics);

/* Puts the compact JSON of the schema, and a line each of those that its references reached: equal
 * if nothing that matters to it has changed. */
void schema_put_source(const struct schema *schema, struct buffer *out);

/* Whether the subtree `at` of the document satisfies the schema. Allocates only scratch, from the
 * arena. A check that exceeds its limit of steps has not found it to; schema_explain tells the two
 * apart. */
bool schema_check(const struct schema *schema, const struct document *document, uint32_t at,
                  struct arena *arena);

/* Texts are in the arena given to schema_explain, or the schema's. Paths have at most 512 bytes,
 * `message` 300, `expected` 200; what was longer ends in "...". */
struct violation {
    struct text instance_path; /* JSON Pointer, relative to the subtree that was checked */
    struct text schema_path; /* as walked, through $ref: "#/properties/lines/items/$ref/required" */
    struct text schema_at;   /* where the keyword stands: "https://example.com/line#/required" */
    struct text keyword;
    struct text expected;
    struct text got;     /* type and size, never content: "string of 12 characters" */
    struct text message; /* "field '/lines/2/quantity' must be an integer, found a string of 2
                            characters" */
    struct text demand;  /* the message without whom it is about: "must be an integer, found ..." */
    bool about_name;     /* it is about the name of the member, not its value */
    uint32_t cell;       /* of the document */
    struct position position; /* line 0: see violations_locate */
};
enum { VIOLATIONS_LISTED = 20, VIOLATIONS_COUNTED = 1000 };
struct violations {
    struct violation items[VIOLATIONS_LISTED]; /* in the arena given to schema_explain */
    size_t listed;
    size_t total; /* counting stops at VIOLATIONS_COUNTED */
    /* Nothing wrong was found before the check was given up, for its steps or for how deep schema
     * and value are nested: it has no verdict, and the one item says why. */
    bool undecided;
};
/* Explaining recurses as deep as the document and the schema lead it, 3,000 schemas at most. */
enum { SCHEMA_STACK_BYTES = 8 << 20 /* what a thread that explains ought to have */ };
/* Says everything that is wrong, in document order, then schema order; empty when nothing is. */
void schema_explain(const struct schema *schema, const struct document *document, uint32_t at,
                    struct arena *arena, struct violations *out_violations);
/* What to call a schema towards whoever wrote it: its URI, or the file it is in and its place
 * there. In the arena. */
struct text schema_name(const struct schema *schema, struct arena *arena);
/* Finds out where in the document's text the values are that violations are about. Scans the text
 * once; where there is none nothing changes. */
void violations_locate(struct violations *violations, const struct document *document);
/* Writes the members "violations" and "total" of an object that the caller has begun, each
 * violation as {instance_path, schema_path, schema_at, keyword, expected, got, message} and, when
 * it has been located, byte (from 0), line and column (from 1). */
void violations_write_json(const struct violations *violations, struct buffer *buffer);
/* Writes plain lines for whoever has to do it again, a model for instance:
 * "- /lines/2/quantity: must be an integer, found a string", and how many more there are. */
void violations_write_lines(const struct violations *violations, struct buffer *buffer);

/* Following a text as it arrives, a model's answer say: whether it may still become a document that
 * satisfies the schema. check, explain and follow agree on every text. */
enum following {
    FOLLOWING_MAYBE,
    FOLLOWING_FITS, /* what has come is such a document; white space may still follow */
    FOLLOWING_NEVER /* nothing that could follow would make it one */
};
struct schema_follower;
struct json_limits;
/* Lives in the arena, which it uses as the text grows, and keeps the schema. The text is read as
 * json_read reads it; `limits` may be NULL. */
struct schema_follower *schema_follow_open(const struct schema *schema,
                                           const struct json_limits *limits, struct arena *arena);
/* The next bytes, cut anywhere. NEVER stays NEVER. */
enum following schema_follow(struct schema_follower *follower, struct text piece);
/* The text ends here: FITS or NEVER. Nothing may follow. */
enum following schema_follow_end(struct schema_follower *follower);
/* After NEVER: the byte that decided, from 0; the length of the text where its end did. */
size_t schema_follow_byte(const struct schema_follower *follower);

/* What a loader asks of an input schema, and the finder of JSON in prose of an output schema. */
/* Whether the root admits only objects (so that a bare body is the input). */
bool schema_root_is_object(const struct schema *schema);
/* 1 << enum cell_type for each type that the root may admit, as json_extract wants to know it; 0
 * when nothing satisfies the schema. */
unsigned schema_root_types(const struct schema *schema);
/* The names the root declares in `properties`, looking through $ref and allOf. */
size_t schema_root_names(const struct schema *schema, const struct text **out_names);
/* Whether the root refuses names it does not declare (additionalProperties: false or the like): if
 * not, any variable may exist. */
bool schema_root_is_closed(const struct schema *schema);
/* Whether a variable path like {"customer", "name"} may exist in a valid document; `out_known` gets
 * the declared names at the step that failed, for "did you mean". Conservative: true where the
 * schema leaves it open explicitly with additionalProperties: true or a schema, or declares no
 * properties at that place at all. */
bool schema_admits_path(const struct schema *schema, const struct text *steps, size_t step_count,
                        const struct text **out_known, size_t *out_known_count);

/* What a value may be at one place of the documents that satisfy a schema, for following paths a
 * name at a time: as schema_admits_path, which is conservative. In the arena given. */
struct schema_place;
const struct schema_place *schema_place_root(const struct schema *schema, struct arena *arena);
/* One of the same schema where anything may be. */
const struct schema_place *schema_place_anything(const struct schema_place *any,
                                                 struct arena *arena);
/* Where the member of that name is; NULL when there can be none. */
const struct schema_place *schema_place_member(const struct schema_place *from, struct text name,
                                               struct arena *arena);
/* Of an array its items, of any other value itself; of what may be either, both. */
const struct schema_place *schema_place_inside(const struct schema_place *from,
                                               struct arena *arena);
const struct schema_place *schema_place_either(const struct schema_place *a,
                                               const struct schema_place *b, struct arena *arena);
bool schema_place_equal(const struct schema_place *a, const struct schema_place *b);
/* The names declared there, for "did you mean". */
size_t schema_place_names(const struct schema_place *from, const struct text **out_names);
/* What the values there may be, as far as the schema says it for certain. */
struct schema_values {
    unsigned types; /* 1 << enum cell_type; whole numbers beyond 64 bits are CELL_NUMBER */
    const struct text *words; /* the only strings there may be; NULL: any */
    size_t word_count;
};
void schema_place_values(const struct schema_place *place, struct arena *arena,
                         struct schema_values *out);

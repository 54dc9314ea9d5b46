/* Findings in words. Of the document only types, sizes and names are told, never contents; of the
 * schema everything may be. A message is one sentence: where, what must be, what was found. */
#include "schema/describe.h"

enum {
    SUBJECT_BYTES = 150,
    SUGGESTION_BYTES = 64,
    CAUSE_BYTES = 64,
    URI_BYTES = 256,
    STEPS_TOLD = POINTER_BYTES / 3 + 1,
    /* Of all texts of a violation, each with a NUL: three pointers, `got`, `expected`, `message`.
     */
    TEXTS_BYTES = 3 * (POINTER_BYTES + 1) + 2 * (EXPECTED_BYTES + 1) + MESSAGE_BYTES + 1
};

/* Ends a text that began at it->free. */
static struct text finish(struct describing *it, struct words *words)
{
    struct text text = words_end(words);

    it->free += text.len + 1;
    return text;
}

static void put_got(struct words *words, const struct cell *cell)
{
    switch (cell->type) {
    case CELL_STRING:
        words_put(words, TEXT("string of "));
        words_put_count(words,
                        cell->flags & CELL_ASCII ? cell->size : count_code_points(cell_text(cell)),
                        TEXT("character"));
        break;
    case CELL_ARRAY:
        words_put(words, TEXT("array of "));
        words_put_count(words, cell->size, TEXT("item"));
        break;
    case CELL_NUMBER:
        words_put(words, cell->flags & CELL_INTEGRAL ? TEXT("integer") : TEXT("number"));
        break;
    default:
        words_put(words, text_of(cell_type_name((enum cell_type)cell->type)));
    }
}

void describe_with_article(struct words *words, struct text noun)
{
    char first = noun.len > 0 ? noun.at[0] : '\0';
    bool vowel = first == 'a' || first == 'e' || first == 'i' || first == 'o' || first == 'u';

    if (!text_equal(noun, TEXT("null")))
        words_put(words, vowel ? TEXT("an ") : TEXT("a "));
    words_put(words, noun);
}

/* The cell of the keyword's value; of the schema `false`, itself. */
static uint32_t keyword_cell(const struct finding *finding)
{
    const struct instruction *instruction = finding->instruction;
    uint32_t bound = CELL_NONE;

    if (finding->sort == FINDING_FEW)
        bound = instruction->containment->least_cell;
    else if (finding->sort == FINDING_MANY)
        bound = instruction->containment->most_cell;
    return bound == CELL_NONE ? instruction->cell : bound;
}

/* As the author wrote it. */
static struct text keyword_name(const struct finding *finding)
{
    bool counted = finding->sort == FINDING_FEW || finding->sort == FINDING_MANY;

    return keyword_row(counted ? finding->keyword : (enum keyword)finding->instruction->shown)
        ->name;
}

static void put_kept_step(struct words *words, const struct kept_step *step)
{
    words_put(words, TEXT("/"));
    words_put(words, keyword_row(step->keyword)->name);
    if (step->name.at != NULL)
        words_put_token(words, step->name);
    if (step->index != UINT32_MAX) {
        words_put(words, TEXT("/"));
        words_put_u64(words, step->index);
    }
}

/* A step takes three bytes at least ("/if"), so what is behind the first STEPS_TOLD is cut. */
void describe_path(struct words *words, const struct kept_step *path)
{
    const struct kept_step *chain[STEPS_TOLD] __attribute__((uninitialized));
    size_t length = 0, count = 0;

    for (const struct kept_step *step = path; step != NULL; step = step->up)
        length++;
    for (; length > STEPS_TOLD; length--)
        path = path->up;
    for (; path != NULL; path = path->up)
        chain[count++] = path;
    while (count > 0 && !words->cut)
        put_kept_step(words, chain[--count]);
}

static struct text schema_path(struct describing *it, struct words *words)
{
    words_begin(words, it->free, POINTER_BYTES);
    words_put(words, TEXT("#"));
    describe_path(words, it->finding->path);
    if (it->finding->instruction->keyword != KEYWORD_NONE) {
        words_put(words, TEXT("/"));
        words_put(words, keyword_name(it->finding));
    }
    return finish(it, words);
}

void describe_location(struct words *words, const struct schema *schema, uint32_t cell)
{
    const struct schema_resource *resource = schema_resource_of(schema, cell);

    words_put_cut(words, resource->uri, URI_BYTES);
    words_put(words, TEXT("#"));
    words->fragment = true;
    words_put_pointer(words, schema->document->cells, resource->cell, cell);
}

/* Whether a keyword stands where the way to it leads, because that follows no reference and the
 * schema has no other resource than its own. */
static bool stands_on_way(const struct schema *schema, const struct kept_step *path)
{
    for (; path != NULL; path = path->up) {
        if (path->keyword == KEYWORD_REF || path->keyword == KEYWORD_DYNAMIC_REF ||
            path->keyword == KEYWORD_RECURSIVE_REF)
            return false;
    }
    return schema->resource_count == 1 && schema->resources[0].cell == schema->root;
}

/* In draft-04 the number is that of `minimum`, but `exclusiveMinimum` beside it is what is told. */
static void put_keyword_location(const struct describing *it, struct words *words)
{
    uint32_t cell = keyword_cell(it->finding);
    struct text told = keyword_name(it->finding), found;

    describe_location(words, it->run->schema, cell);
    if (it->finding->instruction->keyword != KEYWORD_EXCLUSIVE_MINIMUM &&
        it->finding->instruction->keyword != KEYWORD_EXCLUSIVE_MAXIMUM)
        return;
    found = document_text(it->schema, cell - 1);
    if (words->cut || text_equal(found, told))
        return;
    words->len -= found.len;
    words_put(words, told);
}

/* `words` are those of the schema path. */
static struct text schema_at(struct describing *it, struct words *words, struct text path)
{
    const struct schema *schema = it->run->schema;
    bool same = !words->cut && !words->special && stands_on_way(schema, it->finding->path);

    if (same && schema->resources[0].uri.len == 0)
        return path;
    words_begin(words, it->free, POINTER_BYTES);
    if (same) {
        words_put_cut(words, schema->resources[0].uri, URI_BYTES);
        words_put(words, path);
    } else {
        put_keyword_location(it, words);
    }
    return finish(it, words);
}

/* The keyword to name: the schema `false` is named after the keyword that led to it. */
static struct text named_keyword(const struct describing *it)
{
    const struct finding *finding = it->finding;

    if (finding->keyword == KEYWORD_NONE)
        return finding->path == NULL ? TEXT("false") : keyword_row(finding->path->keyword)->name;
    if (finding->keyword == finding->instruction->keyword)
        return keyword_name(finding);
    return keyword_row(finding->keyword)->name;
}

static void put_subject(struct describing *it, struct text path)
{
    struct words *out = it->message;
    bool item = it->run->cells[it->container].type == CELL_ARRAY;

    if (path.len == 0) {
        words_put(out, TEXT("the value "));
        return;
    }
    words_put(out, it->finding->is_name ? TEXT("the name of field '")
                   : item               ? TEXT("item '")
                                        : TEXT("field '"));
    if (it->plain_path)
        words_put_cut(out, path, SUBJECT_BYTES);
    else
        words_put_name(out, path, SUBJECT_BYTES);
    words_put(out, TEXT("' "));
}

/* Why a schema applies that applies only sometimes. */
static void put_condition(struct words *out, const struct kept_step *path)
{
    enum keyword keyword = path != NULL ? path->keyword : KEYWORD_NONE;

    if (keyword == KEYWORD_THEN)
        words_put(out, TEXT(", because it fits 'if'"));
    if (keyword == KEYWORD_ELSE)
        words_put(out, TEXT(", because it does not fit 'if'"));
    if (keyword == KEYWORD_DEPENDENT_SCHEMAS || keyword == KEYWORD_DEPENDENCIES) {
        words_put(out, TEXT(", because it has '"));
        words_put_name(out, path->name, CAUSE_BYTES);
        words_put(out, TEXT("'"));
    }
}

static void put_rest(struct describing *it, struct text found)
{
    struct words *out = it->message;

    if (it->tells_found) {
        words_put(out, TEXT(", found "));
        describe_with_article(out, found);
    }
    put_condition(out, it->finding->path);
    if (it->finding->tried > 0) {
        words_put(out, TEXT(" (the closest of "));
        words_put_count(out, it->finding->tried, TEXT("alternative"));
        words_put(out, TEXT(")"));
    }
    if (it->suggestion.len > 0) {
        words_put(out, TEXT(", did you mean '"));
        words_put_name(out, it->suggestion, SUGGESTION_BYTES);
        words_put(out, TEXT("'?"));
    }
}

/* Finds out about the container of the value and the bytes of the path too. */
static struct text instance_path(struct describing *it, struct words *words, uint32_t root)
{
    words_begin(words, it->free, POINTER_BYTES);
    it->container = words_put_pointer(words, it->run->cells, root, it->finding->cell);
    it->plain_path = !words->special;
    return finish(it, words);
}

static struct text got(struct describing *it, struct words *words)
{
    words_begin(words, it->free, EXPECTED_BYTES);
    put_got(words, describe_cell(it));
    return finish(it, words);
}

/* Keeps the texts, which have been written at `from` as far as `end`, and the message behind them.
 */
static void keep(struct violation *out, struct arena *arena, const char *from, const char *end)
{
    struct text *const texts[] = {&out->instance_path, &out->schema_path, &out->schema_at,
                                  &out->got, &out->expected};
    size_t bytes = (size_t)(end - from);
    char *kept = arena_bytes(arena, bytes + out->message.len + 1);

    memcpy(kept, from, bytes);
    memcpy(kept + bytes, out->message.at, out->message.len + 1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        texts[i]->at = kept + (texts[i]->at - from);
    out->message.at = kept + bytes;
}

void violation_of(const struct run *run, const struct finding *finding, uint32_t root,
                  struct violation *out)
{
    char bytes[TEXTS_BYTES] WORDS_UNSET, json[JSON_BYTES] WORDS_UNSET;
    struct words words, expected, message;
    /* Every field has a value, so that nothing has to be cleared first. */
    struct describing it = {
        .run = run,
        .finding = finding,
        .schema = run->schema->document,
        .arena = run->arena,
        .free = bytes,
        .scratch = {.at = json, .len = 0, .room = JSON_BYTES, .arena = run->arena},
        .expected = &expected,
        .message = &message,
        .container = root,
        .plain_path = true,
        .in_brief = false,
        .tells_found = false,
        .suggestion = {NULL, 0},
    };
    size_t subject;

    out->cell = finding->cell;
    out->about_name = finding->is_name;
    out->position = (struct position){0};
    out->instance_path = instance_path(&it, &words, root);
    out->schema_path = schema_path(&it, &words);
    out->schema_at = schema_at(&it, &words, out->schema_path);
    out->keyword = named_keyword(&it);
    out->got = got(&it, &words);
    words_begin(&expected, it.free, EXPECTED_BYTES);
    words_begin(&message, it.free + EXPECTED_BYTES + 1, MESSAGE_BYTES);
    put_subject(&it, out->instance_path);
    subject = message.len;
    describe_expected(&it);
    put_rest(&it, out->got);
    out->message = words_end(&message);
    out->expected = finish(&it, &expected);
    keep(out, run->arena, bytes, it.free);
    out->demand = text_after(out->message, subject);
}

struct violation violation_of_undecided(const struct run *run)
{
    static const struct text reasons[] = {
        [DECIDED] = TEXT_INIT("the value does not satisfy the schema"),
        [OUT_OF_STEPS] = TEXT_INIT("the check was given up: it takes too many steps"),
        [TOO_DEEP] = TEXT_INIT("the check was given up: value and schema are nested too deeply"),
        [PATTERN_LIMIT] =
            TEXT_INIT("the check was given up: a pattern takes too long on one of the strings"),
    };

    return (struct violation){
        .schema_path = TEXT("#"),
        .schema_at = TEXT("#"),
        .expected = TEXT("a value that can be checked within limits"),
        .got = TEXT("more work than allowed"),
        .message = reasons[run->undecided],
        .demand = reasons[run->undecided],
    };
}

/* Values are offered one after the other, best first; the first that passes the check is taken. The
 * check is the schema itself, cut down to the keywords that concern scalars, compiled once per set:
 * so patterns and formats mean here just what they mean for the whole answer. */
#include "provider/demo_leaf.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "document/utf8.h"
#include "provider/demo_pattern.h"
#include "schema/schema.h"

#include <math.h>

enum { CACHE_MAX = 256, PADDING_MAX = 100000, OFFERS_MAX = 300, TOKENS_TRIED = 128 };

struct compiled {
    struct demo_set set;
    const struct schema *schema; /* NULL: nothing to check */
    bool no_token;               /* none of the text's tokens passes */
};
struct demo_leaf_cache {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct compiled *items[CACHE_MAX];
    size_t count;
};

struct demo_leaf_cache *demo_leaf_cache_new(struct arena *arena)
{
    struct demo_leaf_cache *cache = ARENA_NEW(arena, struct demo_leaf_cache);

    cache->arena = arena;
    cache->diagnostics = ARENA_NEW(arena, struct diagnostics);
    cache->diagnostics->arena = arena;
    return cache;
}

/* Whether anything in the subtree leads elsewhere, where a part alone cannot follow. */
static bool has_reference(const struct document *document, uint32_t at)
{
    for (uint32_t cell = at; cell < document_next(document, at); cell++)
        if (document_cell(document, cell)->type == CELL_STRING &&
            (text_equal(document_text(document, cell), TEXT("$ref")) ||
             text_equal(document_text(document, cell), TEXT("$dynamicRef"))))
            return true;
    return false;
}

static bool concerns_scalars(const struct document *document, uint32_t key)
{
    static const char *const names[] = {
        "type",   "enum",    "const",   "minLength",        "maxLength",        "pattern",
        "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    };
    struct text name = document_text(document, key);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(name, text_of(names[i])))
            return true;
    return text_equal(name, TEXT("not")) && !has_reference(document, key + 1);
}

static void put_scalar_part(struct buffer *out, const struct document *document, uint32_t schema)
{
    uint32_t end = document_next(document, schema);

    buffer_put_byte(out, '{');
    for (uint32_t key = schema + 1; key < end; key = document_next(document, key + 1)) {
        if (!concerns_scalars(document, key))
            continue;
        if (out->at[out->len - 1] != '{')
            buffer_put_byte(out, ',');
        json_put_string(out, document_text(document, key));
        buffer_put_byte(out, ':');
        json_put_cell(out, document, key + 1);
    }
    buffer_put_byte(out, '}');
}

static const struct schema *compile(struct demo_leaf_cache *cache, const struct demo_set *set)
{
    struct document *document = ARENA_NEW(cache->arena, struct document);
    struct buffer text = buffer_in(cache->arena);

    buffer_put(&text, TEXT("{\"allOf\":["));
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            buffer_put_byte(&text, ',');
        put_scalar_part(&text, set->document, set->at[i]);
    }
    buffer_put(&text, TEXT("]}"));
    if (!json_read(buffer_text(&text), NULL, cache->arena, document, NULL, NULL))
        return NULL;
    cache->diagnostics->count = 0;
    return schema_compile(document, 0, cache->arena, cache->diagnostics);
}

static bool same_set(const struct demo_set *a, const struct demo_set *b)
{
    return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof a->at[0]) == 0;
}

static struct compiled *compiled_of(struct demo_leaf_cache *cache, const struct demo_set *set)
{
    struct compiled *compiled;

    for (size_t i = 0; i < cache->count; i++)
        if (same_set(&cache->items[i]->set, set))
            return cache->items[i];
    compiled = ARENA_NEW(cache->arena, struct compiled);
    compiled->set = *set;
    if (set->count > 0 && cache->count < CACHE_MAX) {
        compiled->schema = compile(cache, set);
        cache->items[cache->count++] = compiled;
    }
    return compiled;
}

/* One search for a value. */
struct search {
    const struct demo_leaf *leaf;
    const struct demo_set *set;
    struct compiled *compiled;
    struct arena scratch;
    struct buffer *out;
    unsigned skip;
    unsigned offers; /* left */
    size_t points_min, points_max;
};

/* Takes the value, given as JSON, if it passes and is not to be skipped. */
static bool offer(struct search *search, struct text json)
{
    struct document document;
    bool passes;

    if (search->offers == 0)
        return false;
    search->offers--;
    passes = json_read(json, NULL, &search->scratch, &document, NULL, NULL) &&
             (search->compiled->schema == NULL ||
              schema_check(search->compiled->schema, &document, 0, &search->scratch));
    if (!passes || search->skip > 0) {
        search->skip -= passes;
        return false;
    }
    buffer_put(search->out, json);
    return true;
}

static bool offer_string(struct search *search, struct text text)
{
    struct buffer json = buffer_in(&search->scratch);

    json_put_string(&json, text);
    return offer(search, buffer_text(&json));
}

/* At most `points` code points from the front, wherever that is. */
static struct text points_of(struct text text, size_t points)
{
    size_t bytes = 0;

    for (size_t seen = 0; bytes < text.len; bytes++)
        if (((unsigned char)text.at[bytes] & 0xC0) != 0x80 && seen++ == points)
            break;
    return text_first(text, bytes);
}

/* Words and sentences: cut or lengthened to the bounds of length. */
static bool offer_prose(struct search *search, struct text text)
{
    const struct demo_list *sentences = &search->leaf->source->sentences;
    struct buffer longer = buffer_in(&search->scratch);
    size_t points;

    if (text.len == 0)
        return false;
    text = demo_shorten(text, search->points_max);
    points = utf8_length(text);
    if (points >= search->points_min || search->points_min > PADDING_MAX)
        return offer_string(search, text);
    buffer_put(&longer, text);
    for (size_t i = 1; points < search->points_min; i++) {
        struct text more = demo_pick(sentences, search->leaf->index + i);

        buffer_put_byte(&longer, ' ');
        buffer_put(&longer, more);
        points += utf8_length(more) + 1;
    }
    text = demo_shorten(buffer_text(&longer), search->points_max);
    if (utf8_length(text) < search->points_min) /* shortening at a word went too far */
        text = points_of(buffer_text(&longer), search->points_min);
    return offer_string(search, text);
}

static bool offer_list(struct search *search, const struct demo_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (offer_string(search, demo_pick(list, search->leaf->index + i)))
            return true;
    return false;
}

/* What stands in the text as it is: an order number, an address. */
static bool offer_tokens(struct search *search)
{
    const struct demo_list *tokens = &search->leaf->source->tokens;
    size_t count = tokens->count < TOKENS_TRIED ? tokens->count : TOKENS_TRIED;
    unsigned skip = search->skip;

    for (size_t i = 0; i < count && !search->compiled->no_token; i++)
        if (offer_string(search, tokens->items[(search->leaf->index + i) % count]))
            return true;
    search->compiled->no_token = search->skip == skip;
    return false;
}

static bool offer_literals(struct search *search, const char *const *literals)
{
    for (; *literals != NULL; literals++)
        if (offer_string(search, text_of(*literals)))
            return true;
    return false;
}

/* What a name asks for. */
enum purpose { TITLE, PROSE, WORD, NAME, DATE, LANGUAGE, CURRENCY, COUNTRY, IDENTIFIER, OTHER };

static bool name_holds(struct text name, const char *part)
{
    size_t len = strlen(part);

    for (size_t at = 0; at + len <= name.len; at++)
        if (text_equal_nocase(text_first(text_after(name, at), len), text_of(part)))
            return true;
    return false;
}

static enum purpose purpose_of(struct text name)
{
    static const struct {
        const char *part;
        enum purpose purpose;
    } rows[] = {
        {"title", TITLE},     {"headline", TITLE},    {"subject", TITLE},
        {"heading", TITLE},   {"label", TITLE},       {"caption", TITLE},
        {"date", DATE},       {"deadline", DATE},     {"created", DATE},
        {"updated", DATE},    {"_at", DATE},          {"summary", PROSE},
        {"abstract", PROSE},  {"description", PROSE}, {"overview", PROSE},
        {"body", PROSE},      {"content", PROSE},     {"answer", PROSE},
        {"reply", PROSE},     {"explanation", PROSE}, {"language", LANGUAGE},
        {"locale", LANGUAGE}, {"currency", CURRENCY}, {"country", COUNTRY},
        {"tag", WORD},        {"keyword", WORD},      {"topic", WORD},
        {"categor", WORD},    {"term", WORD},         {"theme", WORD},
        {"author", NAME},     {"person", NAME},       {"customer", NAME},
        {"name", NAME},       {"_id", IDENTIFIER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (name_holds(name, rows[i].part))
            return rows[i].purpose;
    return text_equal_nocase(name, TEXT("id")) ? IDENTIFIER : OTHER;
}

static bool offer_opening(struct search *search)
{
    const struct demo_source *source = search->leaf->source;
    struct text first = demo_pick(&source->sentences, search->leaf->index);
    struct text second = demo_pick(&source->sentences, search->leaf->index + 1);
    struct text both;

    if (source->sentences.count < 2)
        return offer_prose(search, first);
    both = arena_printf(&search->scratch, "%.*s %.*s", TEXT_ARG(first), TEXT_ARG(second));
    if (utf8_length(both) <= search->points_max && offer_prose(search, both))
        return true;
    return offer_prose(search, first);
}

static bool offer_word(struct search *search)
{
    const struct demo_list *words = &search->leaf->source->words;

    for (size_t i = 0; i < words->count; i++) {
        struct text word = arena_copy(&search->scratch, demo_pick(words, search->leaf->index + i));
        char *bytes = (char *)(uintptr_t)word.at; /* the copy is ours */

        for (size_t at = 0; at < word.len; at++)
            if (bytes[at] >= 'A' && bytes[at] <= 'Z')
                bytes[at] = (char)(bytes[at] + 'a' - 'A');
        if (offer_string(search, word))
            return true;
    }
    return false;
}

static bool offer_by_name(struct search *search)
{
    static const char *const currencies[] = {"USD", "EUR", "usd", NULL};
    static const char *const countries[] = {"US", "DE", "us", "USA", NULL};
    const struct demo_source *source = search->leaf->source;
    struct text first = demo_pick(&source->sentences, search->leaf->index);

    switch (purpose_of(search->leaf->name)) {
    case TITLE:
        return offer_prose(search, demo_phrase(first));
    case PROSE:
        return offer_opening(search);
    case WORD:
        return offer_word(search);
    case NAME:
        return offer_list(search, &source->names) || offer_prose(search, demo_phrase(first));
    case DATE:
        return offer_list(search, &source->dates);
    case LANGUAGE:
        return offer_string(search, source->language);
    case CURRENCY:
        return offer_literals(search, currencies);
    case COUNTRY:
        return offer_literals(search, countries);
    case IDENTIFIER:
        return offer_string(search,
                            arena_printf(&search->scratch, "demo-%zu", search->leaf->index + 1));
    case OTHER:
        break;
    }
    return false;
}

/* A member of the caller's own JSON with the same name. */
static bool offer_input(struct search *search)
{
    const struct document *input = search->leaf->source->input;
    uint32_t at = input ? document_member(input, 0, search->leaf->name) : CELL_NONE;
    struct buffer json = buffer_in(&search->scratch);

    if (at == CELL_NONE || document_cell(input, at)->type >= CELL_ARRAY)
        return false;
    json_put_cell(&json, input, at);
    return offer(search, buffer_text(&json));
}

static bool offer_format(struct search *search)
{
    static const char *const examples[] = {
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "12:00:00Z",
        "P1D",
        "demo@example.com",
        "https://example.com/demo",
        "example.com",
        "192.0.2.1",
        "2001:db8::1",
        "00000000-0000-4000-8000-000000000000",
        "/demo",
        "0",
        "demo",
        "^demo$",
        "",
        NULL,
    };
    const struct demo_source *source = search->leaf->source;

    if (offer_list(search, &source->dates))
        return true;
    for (size_t i = 0; i < source->dates.count; i++) {
        struct text date = demo_pick(&source->dates, search->leaf->index + i);

        if (offer_string(search, arena_printf(&search->scratch, "%.*sT00:00:00Z", TEXT_ARG(date))))
            return true;
    }
    return offer_tokens(search) || offer_literals(search, examples);
}

static bool offer_patterns(struct search *search)
{
    static const unsigned variants[] = {0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89};
    struct buffer sample = buffer_in(&search->scratch);
    size_t from = 0;
    uint32_t at;

    while ((at = demo_set_next(search->set, "pattern", &from)) != CELL_NONE)
        for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
            sample.len = 0;
            if (document_cell(search->set->document, at)->type == CELL_STRING &&
                demo_pattern(document_text(search->set->document, at),
                             variants[i] + (unsigned)search->leaf->index, &sample) &&
                offer_string(search, buffer_text(&sample)))
                return true;
        }
    return false;
}

static bool offer_strings(struct search *search, bool lean)
{
    static const char *const literals[] = {"demo", "a", "A", "1", "", "aa", "AA", "00", NULL};
    const struct demo_source *source = search->leaf->source;
    bool bound = demo_set_has(search->set, "pattern") || demo_set_has(search->set, "format");

    if (offer_input(search))
        return true;
    if (!lean && demo_set_has(search->set, "format") && offer_format(search))
        return true;
    if (!lean && offer_by_name(search))
        return true;
    if (bound && offer_tokens(search))
        return true;
    if (offer_patterns(search))
        return true;
    if (!lean && offer_prose(search, demo_pick(&source->sentences, (*search->leaf->turn)++)))
        return true;
    return offer_literals(search, literals) || offer_prose(search, source->sentences.items[0]) ||
           offer_format(search);
}

static bool offer_number(struct search *search, double value)
{
    double step = demo_set_greatest(search->set, "multipleOf", 0);

    if (!isfinite(value))
        return false;
    if (offer(search, arena_printf(&search->scratch, "%.15g", value)))
        return true;
    return step > 0 &&
           offer(search, arena_printf(&search->scratch, "%.15g", ceil(value / step) * step));
}

/* Names that say a number is a count or a share. */
static bool offer_number_by_name(struct search *search)
{
    const struct demo_source *source = search->leaf->source;
    struct text name = search->leaf->name;

    if (name_holds(name, "word") || name_holds(name, "token"))
        return offer_number(search, source->empty ? 0 : (double)source->word_total);
    if (name_holds(name, "sentence") || name_holds(name, "count"))
        return offer_number(search, source->empty ? 0 : (double)source->sentences.count);
    if (name_holds(name, "confidence") || name_holds(name, "score") ||
        name_holds(name, "probability") || name_holds(name, "ratio"))
        return offer_number(search, 0.5);
    return false;
}

static bool offer_numbers(struct search *search, bool lean)
{
    const struct demo_source *source = search->leaf->source;
    double least = demo_set_greatest(search->set, "minimum", -INFINITY);
    double most = demo_set_least(search->set, "maximum", INFINITY);
    double above = demo_set_greatest(search->set, "exclusiveMinimum", -INFINITY);
    double below = demo_set_least(search->set, "exclusiveMaximum", INFINITY);
    const double others[] = {1,
                             0,
                             2,
                             0.5,
                             10,
                             -1,
                             least,
                             most,
                             above + 1,
                             below - 1,
                             above + 0.5,
                             below - 0.5,
                             (least + most) / 2,
                             (above + below) / 2,
                             (least + below) / 2,
                             (above + most) / 2};

    if (offer_input(search) || (!lean && offer_number_by_name(search)))
        return true;
    for (size_t i = 0; !lean && i < source->numbers.count; i++)
        if (offer(search, demo_pick(&source->numbers, search->leaf->index + i)))
            return true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (offer_number(search, others[i]))
            return true;
    return false;
}

static bool offer_value(struct search *search, uint32_t at)
{
    struct buffer json = buffer_in(&search->scratch);

    json_put_cell(&json, search->set->document, at);
    return offer(search, buffer_text(&json));
}

/* Values of an enum: those the caller's text mentions, then the others, in an array of such values
 * beginning with another one at each place. */
static bool offer_values(struct search *search, uint32_t list)
{
    const struct document *document = search->set->document;
    size_t count = document_cell(document, list)->size;
    size_t first = count > 0 ? search->leaf->index % count : 0, number = 0;

    for (uint32_t at = list + 1; at < document_next(document, list);
         at = document_next(document, at))
        if (document_cell(document, at)->type == CELL_STRING &&
            demo_mentions(search->leaf->source, document_text(document, at)) &&
            offer_value(search, at))
            return true;
    for (int pass = 0; pass < 2; pass++, number = 0)
        for (uint32_t at = list + 1; at < document_next(document, list);
             at = document_next(document, at), number++)
            if ((number < first) == (pass == 1) && offer_value(search, at))
                return true;
    return false;
}

/* Values that are written in the schema: those the caller's text mentions first. */
static bool offer_written(struct search *search)
{
    const struct document *document = search->set->document;
    size_t from = 0;
    uint32_t at = demo_set_next(search->set, "const", &from);
    struct buffer json = buffer_in(&search->scratch);

    if (at != CELL_NONE) {
        json_put_cell(&json, document, at);
        return offer(search, buffer_text(&json));
    }
    from = 0;
    at = demo_set_next(search->set, "enum", &from);
    if (at == CELL_NONE || document_cell(document, at)->type != CELL_ARRAY)
        return false;
    return offer_input(search) || offer_values(search, at);
}

static bool offer_boolean(struct search *search)
{
    bool likely = demo_mentions(search->leaf->source, search->leaf->name);

    return offer_input(search) || offer(search, likely ? TEXT("true") : TEXT("false")) ||
           offer(search, likely ? TEXT("false") : TEXT("true"));
}

static bool offer_type(struct search *search, enum cell_type type, bool lean)
{
    switch (type) {
    case CELL_NULL:
        return offer(search, TEXT("null"));
    case CELL_BOOLEAN:
        return offer_boolean(search);
    case CELL_INTEGER:
    case CELL_NUMBER:
        return offer_numbers(search, lean);
    case CELL_STRING:
        return offer_strings(search, lean);
    case CELL_ARRAY:
    case CELL_OBJECT:
    case CELL_TYPE_COUNT:
        break;
    }
    return false;
}

static size_t bound(double value)
{
    return value < 0 ? 0 : value > 1e9 ? (size_t)1e9 : (size_t)value;
}

bool demo_leaf_put(const struct demo_leaf *leaf, const struct demo_set *set, unsigned types,
                   bool lean, struct buffer *out)
{
    static const enum cell_type orders[2][5] = {
        {CELL_STRING, CELL_NUMBER, CELL_INTEGER, CELL_BOOLEAN, CELL_NULL},
        {CELL_NULL, CELL_BOOLEAN, CELL_INTEGER, CELL_NUMBER, CELL_STRING},
    };
    struct search search = {
        .leaf = leaf,
        .set = set,
        .compiled = compiled_of(leaf->cache, set),
        .out = out,
        .skip = leaf->skip,
        .offers = OFFERS_MAX,
        .points_min = bound(demo_set_greatest(set, "minLength", 0)),
        .points_max = bound(demo_set_least(set, "maxLength", 1e9)),
    };
    bool done = demo_set_has(set, "const") || demo_set_has(set, "enum");

    if (done)
        done = offer_written(&search);
    else
        for (int i = 0; i < 5 && !done; i++)
            done =
                (types >> orders[lean][i] & 1) != 0 && offer_type(&search, orders[lean][i], lean);
    arena_release(&search.scratch);
    return done;
}

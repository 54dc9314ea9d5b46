/* Numbers, booleans, null and values written in the schema; and which type comes first. */
#include "demo/demo_leaf.h"

#include "demo/demo_offer.h"
#include "document/json_read.h"
#include "document/json_write.h"

#include <math.h>

enum { OFFERS_MAX = 300 };

bool demo_offer(struct demo_search *search, struct text json)
{
    struct document document;
    bool passes;

    if (search->offers == 0 || !demo_check_spend(search->leaf->cache, json.len))
        return false;
    search->offers--;
    passes = json_read(json, NULL, &search->scratch, &document, NULL, NULL) &&
             (search->check->schema == NULL ||
              schema_check(search->check->schema, &document, 0, &search->scratch));
    if (!passes || search->skip > 0) {
        search->skip -= passes;
        return false;
    }
    buffer_put(search->out, json);
    return true;
}

bool demo_offer_string(struct demo_search *search, struct text text)
{
    struct buffer json = buffer_in(&search->scratch);

    json_put_string(&json, text);
    return demo_offer(search, buffer_text(&json));
}

bool demo_offer_input(struct demo_search *search)
{
    const struct document *input = search->leaf->source->input;
    uint32_t at = input ? document_member(input, 0, search->leaf->name) : CELL_NONE;
    struct buffer json = buffer_in(&search->scratch);

    if (at == CELL_NONE || document_cell(input, at)->type >= CELL_ARRAY)
        return false;
    json_put_cell(&json, input, at);
    return demo_offer(search, buffer_text(&json));
}

bool demo_name_holds(struct text name, const char *part)
{
    size_t len = strlen(part);

    for (size_t at = 0; at + len <= name.len; at++)
        if (text_equal_nocase(text_first(text_after(name, at), len), text_of(part)))
            return true;
    return false;
}

static bool offer_number(struct demo_search *search, double value)
{
    double step = demo_set_greatest(search->set, "multipleOf", 0);

    if (!isfinite(value))
        return false;
    if (demo_offer(search, arena_printf(&search->scratch, "%.15g", value)))
        return true;
    return step > 0 &&
           demo_offer(search, arena_printf(&search->scratch, "%.15g", ceil(value / step) * step));
}

/* Names that say a number is a count or a share. */
static bool offer_number_by_name(struct demo_search *search)
{
    const struct demo_source *source = search->leaf->source;
    struct text name = search->leaf->name;

    if (demo_name_holds(name, "word") || demo_name_holds(name, "token"))
        return offer_number(search, source->empty ? 0 : (double)source->word_total);
    if (demo_name_holds(name, "sentence") || demo_name_holds(name, "count"))
        return offer_number(search, source->empty ? 0 : (double)source->sentences.count);
    if (demo_name_holds(name, "amount") || demo_name_holds(name, "price") ||
        demo_name_holds(name, "total") || demo_name_holds(name, "cost"))
        for (size_t i = 0; i < source->numbers.count; i++) {
            struct text number = demo_pick(&source->numbers, search->leaf->index + i);

            if (text_find_byte(number, '.') < number.len && demo_offer(search, number))
                return true;
        }
    if (demo_name_holds(name, "confidence") || demo_name_holds(name, "score") ||
        demo_name_holds(name, "probability") || demo_name_holds(name, "ratio"))
        return offer_number(search, 0.5);
    return false;
}

static bool offer_numbers(struct demo_search *search, bool lean)
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

    if (demo_offer_input(search) || (!lean && offer_number_by_name(search)))
        return true;
    for (size_t i = 0; !lean && i < source->numbers.count; i++)
        if (demo_offer(search, demo_pick(&source->numbers, search->leaf->index + i)))
            return true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (offer_number(search, others[i]))
            return true;
    return false;
}

static bool offer_value(struct demo_search *search, uint32_t at)
{
    struct buffer json = buffer_in(&search->scratch);

    json_put_cell(&json, search->set->document, at);
    return demo_offer(search, buffer_text(&json));
}

/* Values of an enum: those the caller's text mentions, then the others, in an array of such values
 * beginning with another one at each place. */
static bool offer_values(struct demo_search *search, uint32_t list)
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
static bool offer_written(struct demo_search *search)
{
    const struct document *document = search->set->document;
    size_t from = 0;
    uint32_t at = demo_set_next(search->set, "const", &from);
    struct buffer json = buffer_in(&search->scratch);

    if (at != CELL_NONE) {
        json_put_cell(&json, document, at);
        return demo_offer(search, buffer_text(&json));
    }
    from = 0;
    at = demo_set_next(search->set, "enum", &from);
    if (at == CELL_NONE || document_cell(document, at)->type != CELL_ARRAY)
        return false;
    return demo_offer_input(search) || offer_values(search, at);
}

static bool offer_boolean(struct demo_search *search)
{
    bool likely = demo_mentions(search->leaf->source, search->leaf->name);

    return demo_offer_input(search) || demo_offer(search, likely ? TEXT("true") : TEXT("false")) ||
           demo_offer(search, likely ? TEXT("false") : TEXT("true"));
}

static bool offer_type(struct demo_search *search, enum cell_type type, bool lean)
{
    switch (type) {
    case CELL_NULL:
        return demo_offer(search, TEXT("null"));
    case CELL_BOOLEAN:
        return offer_boolean(search);
    case CELL_INTEGER:
    case CELL_NUMBER:
        return offer_numbers(search, lean);
    case CELL_STRING:
        return demo_offer_strings(search, lean);
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
    struct demo_search search = {
        .leaf = leaf,
        .set = set,
        .check = demo_check_of(leaf->cache, set),
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

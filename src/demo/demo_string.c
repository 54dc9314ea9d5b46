/* Strings: what a caller's own JSON says, what the format or the name asks for, what stands in the
 * text, what the pattern describes, a sentence. */
#include "demo/demo_offer.h"
#include "demo/demo_pattern.h"
#include "document/utf8.h"

enum { PADDING_MAX = 100000, TOKENS_TRIED = 128 };

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
static bool offer_prose(struct demo_search *search, struct text text)
{
    const struct demo_list *sentences = &search->leaf->source->sentences;
    struct buffer longer = buffer_in(&search->scratch);
    size_t points;

    if (text.len == 0)
        return false;
    text = demo_shorten(text, search->points_max);
    points = utf8_length(text);
    if (points >= search->points_min || search->points_min > PADDING_MAX)
        return demo_offer_string(search, text);
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
    return demo_offer_string(search, text);
}

static bool offer_list(struct demo_search *search, const struct demo_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (demo_offer_string(search, demo_pick(list, search->leaf->index + i)))
            return true;
    return false;
}

/* What stands in the text as it is: an order number, an address. */
static bool offer_tokens(struct demo_search *search)
{
    const struct demo_list *tokens = &search->leaf->source->tokens;
    size_t count = tokens->count < TOKENS_TRIED ? tokens->count : TOKENS_TRIED;
    unsigned skip = search->skip;

    for (size_t i = 0; i < count && !search->check->no_token; i++)
        if (demo_offer_string(search, tokens->items[(search->leaf->index + i) % count]))
            return true;
    search->check->no_token = search->skip == skip;
    return false;
}

static bool offer_literals(struct demo_search *search, const char *const *literals)
{
    for (; *literals != NULL; literals++)
        if (demo_offer_string(search, text_of(*literals)))
            return true;
    return false;
}

/* What a name asks for. */
enum purpose {
    TITLE,
    PROSE,
    WORD,
    NAME,
    DATE,
    URL,
    EMAIL,
    LANGUAGE,
    CURRENCY,
    COUNTRY,
    IDENTIFIER,
    OTHER
};

static enum purpose purpose_of(struct text name)
{
    static const struct {
        const char *part;
        enum purpose purpose;
    } rows[] = {
        {"title", TITLE},     {"headline", TITLE},    {"subject", TITLE},   {"heading", TITLE},
        {"label", TITLE},     {"caption", TITLE},     {"date", DATE},       {"deadline", DATE},
        {"created", DATE},    {"updated", DATE},      {"_at", DATE},        {"mail", EMAIL},
        {"url", URL},         {"link", URL},          {"website", URL},     {"summary", PROSE},
        {"abstract", PROSE},  {"description", PROSE}, {"overview", PROSE},  {"body", PROSE},
        {"content", PROSE},   {"answer", PROSE},      {"reply", PROSE},     {"explanation", PROSE},
        {"text", PROSE},      {"language", LANGUAGE}, {"locale", LANGUAGE}, {"currency", CURRENCY},
        {"country", COUNTRY}, {"tag", WORD},          {"keyword", WORD},    {"topic", WORD},
        {"categor", WORD},    {"term", WORD},         {"theme", WORD},      {"author", NAME},
        {"person", NAME},     {"customer", NAME},     {"name", NAME},       {"_id", IDENTIFIER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (demo_name_holds(name, rows[i].part))
            return rows[i].purpose;
    return text_equal_nocase(name, TEXT("id")) ? IDENTIFIER : OTHER;
}

static bool offer_opening(struct demo_search *search)
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

static bool offer_word(struct demo_search *search)
{
    const struct demo_list *words = &search->leaf->source->words;

    for (size_t i = 0; i < words->count; i++) {
        struct text word = arena_copy(&search->scratch, demo_pick(words, search->leaf->index + i));
        char *bytes = (char *)(uintptr_t)word.at; /* the copy is ours */

        for (size_t at = 0; at < word.len; at++)
            if (bytes[at] >= 'A' && bytes[at] <= 'Z')
                bytes[at] = (char)(bytes[at] + 'a' - 'A');
        if (demo_offer_string(search, word))
            return true;
    }
    return false;
}

/* The tokens that hold `mark`: addresses, links. */
static bool offer_marked(struct demo_search *search, struct text mark)
{
    const struct demo_list *tokens = &search->leaf->source->tokens;

    for (size_t i = 0; i < tokens->count; i++) {
        struct text token = demo_pick(tokens, search->leaf->index + i);

        if (text_find(token, mark) < token.len && demo_offer_string(search, token))
            return true;
    }
    return false;
}

/* Days found in the text. Names that speak of an end get the second one. */
static bool offer_dates(struct demo_search *search, const char *time)
{
    const struct demo_list *dates = &search->leaf->source->dates;
    struct text name = search->leaf->name;
    size_t second = demo_name_holds(name, "until") || demo_name_holds(name, "end") ||
                    demo_name_holds(name, "due");

    for (size_t i = 0; i < dates->count; i++) {
        struct text date = demo_pick(dates, search->leaf->index + second + i);

        if (demo_offer_string(search,
                              arena_printf(&search->scratch, "%.*s%s", TEXT_ARG(date), time)))
            return true;
    }
    return false;
}

static bool offer_by_name(struct demo_search *search)
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
        return offer_dates(search, "");
    case URL:
        return offer_marked(search, TEXT("://")) ||
               demo_offer_string(search, TEXT("https://example.com/demo"));
    case EMAIL:
        return offer_marked(search, TEXT("@")) ||
               demo_offer_string(search, TEXT("demo@example.com"));
    case LANGUAGE:
        return demo_offer_string(search, source->language);
    case CURRENCY:
        return offer_literals(search, currencies);
    case COUNTRY:
        return offer_literals(search, countries);
    case IDENTIFIER:
        return demo_offer_string(
            search, arena_printf(&search->scratch, "demo-%zu", search->leaf->index + 1));
    case OTHER:
        break;
    }
    return false;
}

/* What the text has for the formats that can be told apart by a mark. */
static bool offer_found_format(struct demo_search *search, struct text format)
{
    if (text_equal(format, TEXT("date")))
        return offer_dates(search, "");
    if (text_equal(format, TEXT("date-time")))
        return offer_dates(search, "T00:00:00Z");
    if (text_ends(format, TEXT("email")))
        return offer_marked(search, TEXT("@"));
    if (text_starts(format, TEXT("uri")) || text_starts(format, TEXT("iri")))
        return offer_marked(search, TEXT("://"));
    if (text_ends(format, TEXT("hostname")) || text_equal(format, TEXT("regex")) ||
        text_ends(format, TEXT("json-pointer")))
        return false; /* any word would do */
    return offer_tokens(search);
}

static bool offer_format(struct demo_search *search)
{
    static const struct {
        struct text format;
        struct text example;
    } rows[] = {
        {TEXT_INIT("date"), TEXT_INIT("2026-01-01")},
        {TEXT_INIT("date-time"), TEXT_INIT("2026-01-01T00:00:00Z")},
        {TEXT_INIT("time"), TEXT_INIT("12:00:00Z")},
        {TEXT_INIT("duration"), TEXT_INIT("P1D")},
        {TEXT_INIT("email"), TEXT_INIT("demo@example.com")},
        {TEXT_INIT("idn-email"), TEXT_INIT("demo@example.com")},
        {TEXT_INIT("hostname"), TEXT_INIT("example.com")},
        {TEXT_INIT("idn-hostname"), TEXT_INIT("example.com")},
        {TEXT_INIT("ipv4"), TEXT_INIT("192.0.2.1")},
        {TEXT_INIT("ipv6"), TEXT_INIT("2001:db8::1")},
        {TEXT_INIT("uri"), TEXT_INIT("https://example.com/demo")},
        {TEXT_INIT("iri"), TEXT_INIT("https://example.com/demo")},
        {TEXT_INIT("uri-reference"), TEXT_INIT("/demo")},
        {TEXT_INIT("iri-reference"), TEXT_INIT("/demo")},
        {TEXT_INIT("uri-template"), TEXT_INIT("/demo/{id}")},
        {TEXT_INIT("uuid"), TEXT_INIT("00000000-0000-4000-8000-000000000000")},
        {TEXT_INIT("json-pointer"), TEXT_INIT("/demo")},
        {TEXT_INIT("relative-json-pointer"), TEXT_INIT("0")},
        {TEXT_INIT("regex"), TEXT_INIT("^demo$")},
    };
    const struct document *document = search->set->document;
    size_t from = 0;
    uint32_t at;

    while ((at = demo_set_next(search->set, "format", &from)) != CELL_NONE) {
        struct text format = document_text(document, at);

        if (document_cell(document, at)->type != CELL_STRING)
            continue;
        if (offer_found_format(search, format))
            return true;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (text_equal(format, rows[i].format) && demo_offer_string(search, rows[i].example))
                return true;
    }
    return false;
}

static bool offer_patterns(struct demo_search *search)
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
                demo_offer_string(search, buffer_text(&sample)))
                return true;
        }
    return false;
}

bool demo_offer_strings(struct demo_search *search, bool lean)
{
    static const char *const literals[] = {"demo", "a", "A", "1", "", "aa", "AA", "00", NULL};
    const struct demo_source *source = search->leaf->source;
    bool bound = demo_set_has(search->set, "pattern") || demo_set_has(search->set, "format");

    if (demo_offer_input(search))
        return true;
    if (offer_format(search))
        return true;
    if (!lean && offer_by_name(search))
        return true;
    if (bound && offer_tokens(search))
        return true;
    if (offer_patterns(search))
        return true;
    if (!lean && offer_prose(search, demo_pick(&source->sentences, (*search->leaf->turn)++)))
        return true;
    return offer_literals(search, literals) || offer_prose(search, source->sentences.items[0]);
}

/* Plain rules of thumb over bytes; a byte above 127 counts as a letter. */
#include "provider/demo_text.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "document/utf8.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SOURCE_BYTES_MAX = 64 * 1024,
    RUNS_MAX = 2048,
    SENTENCES_MAX = 64,
    TOKENS_MAX = 512,
    LIST_MAX = 64,
    WORD_LETTERS_MIN = 4,
    TITLE_WORDS = 8,
    TITLE_POINTS = 60,
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_letter(char byte)
{
    return is_upper(byte) || is_lower(byte) || (unsigned char)byte >= 0x80;
}

struct text demo_pick(const struct demo_list *list, size_t index)
{
    return list->count > 0 ? list->items[index % list->count] : (struct text){0};
}

/* A list that grows to a maximum and may refuse what it has already. */
struct gather {
    struct text *items;
    size_t count, max;
};

static struct gather gather_new(struct arena *arena, size_t max)
{
    return (struct gather){.items = ARENA_ARRAY(arena, struct text, max), .max = max};
}

static void gather_put(struct gather *gather, struct text item)
{
    if (gather->count < gather->max && item.len > 0)
        gather->items[gather->count++] = item;
}

static bool gather_has(const struct gather *gather, struct text item)
{
    for (size_t i = 0; i < gather->count; i++)
        if (text_equal_nocase(gather->items[i], item))
            return true;
    return false;
}

static void gather_put_once(struct gather *gather, struct text item)
{
    if (!gather_has(gather, item))
        gather_put(gather, item);
}

static struct demo_list gathered(const struct gather *gather)
{
    return (struct demo_list){gather->items, gather->count};
}

/* Blanks become one space; what ends a paragraph or a list item becomes one line feed. */
static struct text normalise(struct text text, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    size_t feeds = 0;
    bool blank = false;

    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];

        if ((unsigned char)byte <= ' ' || byte == 0x7F) {
            blank = true;
            feeds += byte == '\n';
            continue;
        }
        if (feeds > 1 || (feeds == 1 && (byte == '-' || byte == '*' || byte == '#')))
            buffer_put_byte(&out, '\n');
        else if (blank && out.len > 0)
            buffer_put_byte(&out, ' ');
        buffer_put_byte(&out, byte);
        blank = false;
        feeds = 0;
    }
    return buffer_text(&out);
}

/* The strings and numbers of a JSON value, one paragraph each. Nesting is bounded by the reader. */
static void put_strings(struct buffer *out, const struct document *document, uint32_t at)
{
    const struct cell *cell = document_cell(document, at);
    uint32_t end = document_next(document, at);

    if (cell->type >= CELL_ARRAY) {
        for (uint32_t child = at + 1; child < end; child = document_next(document, child)) {
            child += cell->type == CELL_OBJECT; /* over the name */
            put_strings(out, document, child);
        }
        return;
    }
    buffer_put(out, TEXT("\n\n"));
    if (cell->type == CELL_INTEGER)
        buffer_put_i64(out, cell->integer);
    else if (cell->type == CELL_NUMBER || cell->type == CELL_STRING)
        buffer_put(out, cell_text(cell));
}

/* Text that is JSON counts by what is in it. */
static struct text unwrap(struct text text, struct arena *arena, struct demo_source *out)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct text trimmed = text_trim(text);
    struct buffer strings = buffer_in(arena);
    const struct json_limits limits = {.depth = 64};

    if (trimmed.len == 0 || (trimmed.at[0] != '{' && trimmed.at[0] != '[' && trimmed.at[0] != '"'))
        return text;
    if (!json_read(trimmed, &limits, arena, document, NULL, NULL))
        return text;
    put_strings(&strings, document, 0);
    if (document_cell(document, 0)->type == CELL_OBJECT)
        out->input = document;
    return buffer_text(&strings);
}

/* Bytes of the closing mark at `at`, with quotes and brackets behind it; 0 when there is none. */
static size_t closing_bytes(struct text text, size_t at)
{
    static const char *const wide[] = {"\u3002", "\uFF01", "\uFF1F"};
    size_t len = 0;

    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (text_starts(text_after(text, at), text_of(wide[i])))
            return strlen(wide[i]);
    while (len < 8 && at + len < text.len && strchr(".!?", text.at[at + len]))
        len++;
    while (len > 0 && len < 16 && at + len < text.len && strchr("\"')]", text.at[at + len]))
        len++;
    if (len == 0 || at + len == text.len || text.at[at + len] == '\n')
        return len;
    /* "e.g. this", "no. 7" and "3.5" go on. */
    if (text.at[at + len] != ' ' || at + len + 1 == text.len)
        return 0;
    return is_lower(text.at[at + len + 1]) || is_digit(text.at[at + len + 1]) ? 0 : len;
}

static struct text without_bullet(struct text line)
{
    line = text_trim(line);
    while (line.len > 0 && strchr("-*#> ", line.at[0]) && line.at[0] != '\0')
        line = text_after(line, 1);
    return line;
}

static struct demo_list find_sentences(struct text text, struct arena *arena)
{
    struct gather found = gather_new(arena, SENTENCES_MAX);
    size_t from = 0, at = 0;

    while (at < text.len && found.count < found.max) {
        size_t closing = text.at[at] == '\n' ? 0 : closing_bytes(text, at);

        if (closing == 0 && text.at[at] != '\n') {
            at++;
            continue;
        }
        gather_put_once(&found,
                        without_bullet(text_first(text_after(text, from), at - from + closing)));
        at += closing + (closing == 0);
        from = at;
    }
    gather_put_once(&found, without_bullet(text_after(text, from)));
    return gathered(&found);
}

static struct text bare(struct text token)
{
    static const char outer[] = "\"'`()[]{}<>,;:.!?*_";

    while (token.len > 0 && memchr(outer, token.at[0], sizeof outer - 1))
        token = text_after(token, 1);
    while (token.len > 0 && memchr(outer, token.at[token.len - 1], sizeof outer - 1))
        token.len--;
    return token;
}

/* The next run without blanks; false after the last. */
static bool next_run(struct text *rest, struct text *out)
{
    while (rest->len > 0 && (rest->at[0] == ' ' || rest->at[0] == '\n'))
        *rest = text_after(*rest, 1);
    *out = text_first(*rest, 0);
    while (out->len < rest->len && out->at[out->len] != ' ' && out->at[out->len] != '\n')
        out->len++;
    *rest = text_after(*rest, out->len);
    return out->len > 0;
}

static bool all_letters(struct text word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_letter(word.at[i]) && !(word.at[i] == '-' && i > 0))
            return false;
    return word.len > 0;
}

static struct demo_list find_tokens(struct text text, struct arena *arena, size_t *out_total)
{
    struct gather found = gather_new(arena, TOKENS_MAX);
    struct text run;

    for (*out_total = 0; next_run(&text, &run); ++*out_total)
        if (*out_total < RUNS_MAX && found.count < found.max)
            gather_put_once(&found, bare(run));
    return gathered(&found);
}

struct counted {
    struct text word;
    size_t times, order;
};

static int more_frequent(const void *a, const void *b)
{
    const struct counted *left = a, *right = b;

    if (left->times != right->times)
        return left->times < right->times ? 1 : -1;
    return left->order < right->order ? -1 : 1;
}

static struct demo_list find_words(struct text text, const struct demo_list *tokens,
                                   struct arena *arena)
{
    struct counted *counts = ARENA_ARRAY(arena, struct counted, tokens->count + 1);
    struct gather found = gather_new(arena, LIST_MAX);
    struct text run;
    size_t count = 0;

    for (size_t i = 0; i < tokens->count; i++)
        if (all_letters(tokens->items[i]) && utf8_length(tokens->items[i]) >= WORD_LETTERS_MIN)
            counts[count++] = (struct counted){tokens->items[i], 0, count};
    for (size_t runs = 0; runs < RUNS_MAX && next_run(&text, &run); runs++)
        for (size_t i = 0; i < count; i++)
            counts[i].times += text_equal_nocase(bare(run), counts[i].word);
    qsort(counts, count, sizeof counts[0], more_frequent);
    for (size_t i = 0; i < count; i++)
        gather_put(&found, counts[i].word);
    return gathered(&found);
}

/* Runs of capitalised words inside a sentence: its first word is capitalised anyway and counts only
 * when the next one is too. */
static struct demo_list find_names(const struct demo_list *sentences, struct arena *arena)
{
    struct gather found = gather_new(arena, LIST_MAX);

    for (size_t i = 0; i < sentences->count; i++) {
        struct text rest = sentences->items[i], run, name = {0};
        size_t words = 0;

        while (next_run(&rest, &run)) {
            struct text word = bare(run);
            bool ends = word.len == 0 || word.at + word.len != run.at + run.len;

            if (word.len > 1 && is_upper(word.at[0]) && is_lower(word.at[1]) && all_letters(word)) {
                name = words++ == 0 ? word : text_between(name.at, word.at + word.len);
                if (!ends)
                    continue;
            }
            if (words > 1)
                gather_put_once(&found, name);
            words = 0;
        }
        if (words > 1)
            gather_put_once(&found, name);
    }
    return gathered(&found);
}

/* "1,234.50", "$12", "75%" as a JSON number; empty when it is none. */
static struct text number_in(struct text token, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    bool fraction = false;

    if (token.len > 0 && token.at[0] == '$')
        token = text_after(token, 1);
    else if (text_starts(token, TEXT("\u20AC")) || text_starts(token, TEXT("\u00A3")))
        token = text_after(token, token.at[0] == '\xC2' ? 2 : 3);
    if (token.len > 0 && token.at[token.len - 1] == '%')
        token.len--;
    if (token.len > 1 && token.at[0] == '-')
        buffer_put_byte(&out, '-'), token = text_after(token, 1);
    if (token.len == 0 || token.len > 15 || !is_digit(token.at[0]) ||
        !is_digit(token.at[token.len - 1]))
        return (struct text){0};
    for (size_t i = 0; i < token.len; i++) {
        if (token.at[i] == ',' && !fraction)
            continue;
        if (token.at[i] == '.' && !fraction)
            fraction = true;
        else if (!is_digit(token.at[i]))
            return (struct text){0};
        buffer_put_byte(&out, token.at[i]);
    }
    if (token.at[0] == '0' && token.len > 1 && token.at[1] != '.')
        return (struct text){0};
    return buffer_text(&out);
}

static struct demo_list find_numbers(const struct demo_list *tokens, struct arena *arena)
{
    struct gather found = gather_new(arena, LIST_MAX);

    for (size_t i = 0; i < tokens->count; i++)
        gather_put_once(&found, number_in(tokens->items[i], arena));
    return gathered(&found);
}

/* 1 to 12 for the English name of a month or its first three letters; else 0. */
static unsigned month_of(struct text word)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};

    for (unsigned i = 0; i < 12; i++)
        if (text_equal_nocase(word, text_of(months[i])) ||
            text_equal_nocase(word, text_first(text_of(months[i]), 3)))
            return i + 1;
    return 0;
}

static struct text date_text(uint64_t year, uint64_t month, uint64_t day, struct arena *arena)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (year < 1000 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return (struct text){0};
    return arena_printf(arena, "%04u-%02u-%02u", (unsigned)year, (unsigned)month, (unsigned)day);
}

/* 2026-03-24, 2026/03/24 and 24.03.2026. */
static struct text date_in(struct text token, struct arena *arena)
{
    char mark = text_find_byte(token, '-') < token.len   ? '-'
                : text_find_byte(token, '/') < token.len ? '/'
                                                         : '.';
    uint64_t first, second, third;

    if (!text_to_u64(text_split(&token, mark), &first) ||
        !text_to_u64(text_split(&token, mark), &second) || !text_to_u64(token, &third))
        return (struct text){0};
    return mark == '.' ? date_text(third, second, first, arena)
                       : date_text(first, second, third, arena);
}

/* The day in "24" or "24th", else 0. */
static uint64_t day_in(struct text token)
{
    uint64_t day = 0;

    if (token.len > 2 && is_lower(token.at[token.len - 1]))
        token.len -= 2;
    return text_to_u64(token, &day) ? day : 0;
}

static struct demo_list find_dates(struct text text, struct arena *arena)
{
    struct gather found = gather_new(arena, LIST_MAX);
    struct text window[3] = {{0}}, run;
    uint64_t year;

    for (size_t runs = 0; runs < RUNS_MAX && next_run(&text, &run); runs++) {
        window[0] = window[1], window[1] = window[2], window[2] = bare(run);
        gather_put_once(&found, date_in(window[2], arena));
        if (!text_to_u64(window[2], &year))
            continue;
        if (month_of(window[1]) > 0) /* 24 March 2026 */
            gather_put_once(&found, date_text(year, month_of(window[1]), day_in(window[0]), arena));
        else if (month_of(window[0]) > 0) /* March 24, 2026 */
            gather_put_once(&found, date_text(year, month_of(window[0]), day_in(window[1]), arena));
    }
    return gathered(&found);
}

static struct text guess_language(struct text text)
{
    static const struct {
        struct text language;
        const char *words; /* between blanks */
    } rows[] = {
        {TEXT_INIT("en"), " the and of to is in that was for "},
        {TEXT_INIT("de"), " der die und das ist nicht ein mit den "},
        {TEXT_INIT("fr"), " le la les et est une des que pour "},
        {TEXT_INIT("es"), " el los las una y es por con del "},
    };
    size_t counts[4] = {0}, best = 0;
    struct text run;

    for (size_t runs = 0; runs < RUNS_MAX && next_run(&text, &run); runs++) {
        char word[16];

        if (run.len + 3 > sizeof word)
            continue;
        snprintf(word, sizeof word, " %.*s ", TEXT_ARG(run));
        for (size_t i = 0; i < 4; i++)
            counts[i] += strstr(rows[i].words, word) != NULL;
    }
    for (size_t i = 1; i < 4; i++)
        best = counts[i] > counts[best] ? i : best;
    return rows[best].language;
}

void demo_source_read(struct text caller_text, struct arena *arena, struct demo_source *out)
{
    struct text text;

    *out = (struct demo_source){0};
    text = text_cut(unwrap(caller_text, arena, out), SOURCE_BYTES_MAX);
    text = normalise(text, arena);
    out->sentences = find_sentences(text, arena);
    out->empty = out->sentences.count == 0;
    if (out->empty) {
        text = TEXT("There was no text to answer.");
        out->sentences = find_sentences(text, arena);
    }
    out->tokens = find_tokens(text, arena, &out->word_total);
    out->words = find_words(text, &out->tokens, arena);
    out->names = find_names(&out->sentences, arena);
    out->numbers = find_numbers(&out->tokens, arena);
    out->dates = find_dates(text, arena);
    out->language = guess_language(text);
}

bool demo_mentions(const struct demo_source *source, struct text word)
{
    struct text first = text_split(&word, '_');

    for (; first.len > 0; first = text_split(&word, '_')) {
        bool found = false;

        for (size_t i = 0; i < source->tokens.count && !found; i++)
            found = text_equal_nocase(source->tokens.items[i], first);
        if (!found)
            return false;
        if (word.len == 0)
            return true;
    }
    return false;
}

struct text demo_shorten(struct text text, size_t points)
{
    size_t bytes = 0, blank = 0;
    struct text front;

    for (size_t seen = 0; bytes < text.len; bytes++) {
        bool starts = ((unsigned char)text.at[bytes] & 0xC0) != 0x80;

        if (starts && seen++ == points)
            break;
        if (text.at[bytes] == ' ')
            blank = bytes;
    }
    if (bytes == text.len)
        return text;
    front = text_first(text, blank > 0 && text.at[bytes] != ' ' ? blank : bytes);
    return text_trim(front);
}

struct text demo_phrase(struct text sentence)
{
    struct text rest = sentence, run, phrase = {0};

    for (size_t words = 0; words < TITLE_WORDS && next_run(&rest, &run); words++)
        phrase = text_between(sentence.at, run.at + run.len);
    phrase = demo_shorten(phrase, TITLE_POINTS);
    while (phrase.len > 0 && strchr(".!?,;:-", phrase.at[phrase.len - 1]))
        phrase.len--;
    return text_trim(phrase);
}

/* Plain rules of thumb over bytes: sentences, words and names. */
#include "demo/demo_text.h"

#include "base/buffer.h"
#include "demo/demo_scan.h"
#include "document/json_read.h"
#include "document/utf8.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SOURCE_BYTES_MAX = 64 * 1024,
    SENTENCES_MAX = 64,
    SENTENCE_POINTS = 400,
    TOKENS_MAX = 512,
    LIST_MAX = 64,
    WORD_LETTERS_MIN = 4,
    TITLE_WORDS = 8,
    TITLE_POINTS = 60,
};

struct text demo_pick(const struct demo_list *list, size_t index)
{
    return list->count > 0 ? list->items[index % list->count] : (struct text){0};
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

/* A sentence as it is kept: no longer than people write them. */
static struct text without_bullet(struct text line)
{
    line = text_trim(line);
    while (line.len > 0 && strchr("-*#> ", line.at[0]) && line.at[0] != '\0')
        line = text_after(line, 1);
    return demo_shorten(line, SENTENCE_POINTS);
}

static struct demo_list find_sentences(struct text text, struct arena *arena)
{
    struct demo_gather found = demo_gather_new(arena, SENTENCES_MAX);
    size_t from = 0, at = 0;

    while (at < text.len && found.count < found.max) {
        size_t closing = text.at[at] == '\n' ? 0 : closing_bytes(text, at);

        if (closing == 0 && text.at[at] != '\n') {
            at++;
            continue;
        }
        demo_gather_put_once(
            &found, without_bullet(text_first(text_after(text, from), at - from + closing)));
        at += closing + (closing == 0);
        from = at;
    }
    demo_gather_put_once(&found, without_bullet(text_after(text, from)));
    return demo_gathered(&found);
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
    struct demo_gather found = demo_gather_new(arena, TOKENS_MAX);
    struct text run;

    for (*out_total = 0; demo_next_run(&text, &run); ++*out_total)
        if (*out_total < DEMO_RUNS_MAX && found.count < found.max)
            demo_gather_put_once(&found, demo_bare(run));
    return demo_gathered(&found);
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
    struct demo_gather found = demo_gather_new(arena, LIST_MAX);
    struct text run;
    size_t count = 0;

    for (size_t i = 0; i < tokens->count; i++)
        if (all_letters(tokens->items[i]) && utf8_length(tokens->items[i]) >= WORD_LETTERS_MIN) {
            counts[count] = (struct counted){tokens->items[i], 0, count};
            count++;
        }
    for (size_t runs = 0; runs < DEMO_RUNS_MAX && demo_next_run(&text, &run); runs++)
        for (size_t i = 0; i < count; i++)
            counts[i].times += text_equal_nocase(demo_bare(run), counts[i].word);
    qsort(counts, count, sizeof counts[0], more_frequent);
    for (size_t i = 0; i < count; i++)
        demo_gather_put(&found, counts[i].word);
    return demo_gathered(&found);
}

/* Runs of capitalised words inside a sentence: its first word is capitalised anyway and counts only
 * when the next one is too. */
static struct demo_list find_names(const struct demo_list *sentences, struct arena *arena)
{
    struct demo_gather found = demo_gather_new(arena, LIST_MAX);

    for (size_t i = 0; i < sentences->count; i++) {
        struct text rest = sentences->items[i], run, name = {0};
        size_t words = 0;

        while (demo_next_run(&rest, &run)) {
            struct text word = demo_bare(run);
            bool ends = word.len == 0 || word.at + word.len != run.at + run.len;

            if (word.len > 1 && is_upper(word.at[0]) && is_lower(word.at[1]) && all_letters(word)) {
                name = words++ == 0 ? word : text_between(name.at, word.at + word.len);
                if (!ends)
                    continue;
            }
            if (words > 1)
                demo_gather_put_once(&found, name);
            words = 0;
        }
        if (words > 1)
            demo_gather_put_once(&found, name);
    }
    return demo_gathered(&found);
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
    out->numbers = demo_find_numbers(&out->tokens, arena);
    out->dates = demo_find_dates(text, arena);
    out->language = demo_guess_language(text);
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

/* Words a title does not end with. */
static bool dangles(struct text word)
{
    static const char words[] = " a an and are as at be by for from has in is its of on or our "
                                "than that the their this to was which will with ";
    char padded[16];

    if (word.len + 3 > sizeof padded)
        return false;
    snprintf(padded, sizeof padded, " %.*s ", TEXT_ARG(word));
    return strstr(words, padded) != NULL;
}

struct text demo_phrase(struct text sentence)
{
    struct text rest = sentence, run, phrase = {0};
    bool cut;

    for (size_t words = 0; words < TITLE_WORDS && demo_next_run(&rest, &run); words++)
        phrase = text_between(sentence.at, run.at + run.len);
    phrase = demo_shorten(phrase, TITLE_POINTS);
    cut = phrase.len < text_trim(sentence).len;
    for (;;) {
        size_t last = phrase.len;

        while (phrase.len > 0 && strchr(".!?,;:-", phrase.at[phrase.len - 1]))
            phrase.len--;
        while (last > 0 && phrase.at[last - 1] != ' ')
            last--;
        if (!cut || last < 2 || phrase.len < last || !dangles(text_after(phrase, last)))
            return text_trim(phrase);
        phrase = text_trim(text_first(phrase, last));
    }
}

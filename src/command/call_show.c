#include "command/ask.h"
#include "command/call.h"
#include "command/said.h"
#include "document/json_pretty.h"
#include "document/json_read.h"
#include "provider/http_head.h"

enum { LINE_BYTES_MAX = 16 << 20 };

static bool read(struct call_show *show, struct text text, struct document *out)
{
    static const struct json_limits limits = {.depth = 900, .nodes = JSON_UNLIMITED};

    return json_read(text, &limits, show->line->arena, out, NULL, NULL);
}

static struct text string_at(const struct document *document, const char *pointer)
{
    uint32_t at = document_at(document, 0, text_of(pointer));

    return at != CELL_NONE && document_cell(document, at)->type == CELL_STRING
               ? document_text(document, at)
               : (struct text){0};
}

static void say(struct call_show *show, struct text text)
{
    if (text.len == 0)
        return;
    if (show->terminal)
        said_put(text, stdout);
    else
        fwrite(text.at, 1, text.len, stdout);
    show->spoken = true;
    show->line_open = text.at[text.len - 1] != '\n';
    fflush(stdout);
}

static void end_line(struct call_show *show)
{
    if (show->line_open)
        putchar('\n');
    show->line_open = false;
    fflush(stdout);
}

/* --- what is to be known of it -------------------------------------------------------------------
 */

static void print_number(const struct document *document, const char *pointer, const char *unit)
{
    uint32_t at = document_at(document, 0, text_of(pointer));

    if (at != CELL_NONE && document_cell(document, at)->type == CELL_INTEGER)
        fprintf(stderr, ", %lld %s", (long long)document_cell(document, at)->integer, unit);
}

/* From the header, and the object that has `usage`. */
static void print_meta(struct call_show *show, const struct fetch_reply *reply,
                       const struct document *document, const char *cost)
{
    static const struct {
        const char *field, *label;
    } fields[] = {
        {"pinion-version", " version "}, {"pinion-route", ", route "},
        {"pinion-provider", ", "},       {"pinion-model", " "},
        {"x-cache", ", cache "},         {"pinion-session-id", ", session "},
    };
    const struct http_head head = {.fields = reply->fields};

    if (show->quiet || show->json)
        return;
    fprintf(stderr, "%.*s", TEXT_ARG(show->slug));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct text value = http_head_find(&head, text_of(fields[i].field));

        if (value.len == 0)
            continue;
        fputs(fields[i].label, stderr);
        said_put(value, stderr);
    }
    if (document != NULL) {
        struct text usd = string_at(document, cost);

        print_number(document, "/usage/prompt_tokens", "tokens in");
        print_number(document, "/usage/completion_tokens", "out");
        if (usd.len > 0)
            fprintf(stderr, ", $%.*s", TEXT_ARG(usd));
    }
    fputc('\n', stderr);
}

/* --- a stream ------------------------------------------------------------------------------------
 */

static void take_event(struct call_show *show, struct text data)
{
    struct document document;

    if (text_equal(data, TEXT("[DONE]"))) {
        show->done = true;
        return;
    }
    if (show->json)
        printf("%.*s\n", TEXT_ARG(data));
    if (!read(show, arena_copy(show->line->arena, data), &document))
        return;
    if (document_member(&document, 0, TEXT("error")) != CELL_NONE)
        show->error = document.source;
    else if (document_at(&document, 0, TEXT("/usage/total_tokens")) != CELL_NONE)
        show->usage = document.source;
    if (show->json)
        return;
    say(show, string_at(&document, "/choices/0/delta/content"));
    say(show, string_at(&document, "/choices/0/delta/refusal"));
    say(show, string_at(&document, "/choices/0/delta/tool_calls/0/function/name"));
    say(show, string_at(&document, "/choices/0/delta/tool_calls/0/function/arguments"));
}

static void take_line(struct call_show *show, struct text line)
{
    if (text_ends(line, TEXT("\r")))
        line.len--;
    if (text_starts(line, TEXT("data: ")))
        take_event(show, text_after(line, strlen("data: ")));
}

bool call_show_piece(void *context, struct text piece)
{
    struct call_show *show = context;
    struct buffer *rest = &show->rest;

    while (text_find_byte(piece, '\n') < piece.len) {
        buffer_put(rest, text_split(&piece, '\n'));
        take_line(show, buffer_text(rest));
        rest->len = 0;
    }
    buffer_put(rest, piece);
    show->overlong = rest->len > LINE_BYTES_MAX;
    return !show->overlong && ferror(stdout) == 0;
}

int call_show_end(struct call_show *show, const struct fetch_reply *reply)
{
    struct document document;
    bool known = show->usage.len > 0 && read(show, show->usage, &document);

    end_line(show);
    if (show->error.len > 0)
        return ask_refused(show->line, 0, show->error);
    if (show->done && !show->overlong) {
        print_meta(show, reply, known ? &document : NULL, "/pinion/cost_usd");
        return EXIT_DONE;
    }
    fprintf(stderr, "pinion: error: the stream %s\n",
            show->overlong ? "has a line that is too long to be one of a server of ours"
                           : "ended before the answer was complete");
    return EXIT_UNREACHABLE;
}

/* --- a whole answer ------------------------------------------------------------------------------
 */

static void put_pretty(struct call_show *show, const struct document *document, uint32_t at)
{
    struct buffer out = buffer_in(show->line->arena);

    json_put_pretty(&out, document, at);
    say(show, buffer_text(&out));
}

/* The checked output if there is one, what the model said, the tools that it wants called; or, of
 * an endpoint that answers with its output alone, that. */
static void show_answer(struct call_show *show, const struct document *document)
{
    uint32_t output = document_member(document, 0, TEXT("output"));
    uint32_t calls = document_member(document, 0, TEXT("tool_calls"));

    if (document_member(document, 0, TEXT("ok")) == CELL_NONE) {
        put_pretty(show, document, 0);
        return;
    }
    if (output != CELL_NONE)
        put_pretty(show, document, output);
    else
        say(show, string_at(document, "/content"));
    say(show, string_at(document, "/refusal"));
    if (calls == CELL_NONE)
        return;
    end_line(show);
    put_pretty(show, document, calls);
}

int call_show_whole(struct call_show *show, const struct fetch_reply *reply)
{
    struct document document;
    bool readable = read(show, reply->body, &document);

    if (show->json || !readable)
        say(show, reply->body);
    else
        show_answer(show, &document);
    end_line(show);
    print_meta(show, reply, readable ? &document : NULL, "/meta/cost_usd");
    return EXIT_DONE;
}

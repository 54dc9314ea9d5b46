/* The token of --token, as the admin API tells of it. */
#include "auth/token_json.h"
#include "command/ask.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "command/token_ask.h"
#include "command/token_text.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/member.h"

#include <unistd.h>

struct search {
    const struct command_line *line;
    struct text wanted;       /* name or id */
    struct document document; /* the page that it is on */
    uint32_t token;           /* CELL_NONE: not found yet */
    size_t found;
};

/* What makes a caller; the rest is history. */
static struct text members_of(const struct search *search)
{
    static const char *const names[] = {"kind",   "name",   "project",   "scopes",
                                        "verbs",  "models", "limits",    "tags",
                                        "budget", "test",   "expires_at"};
    struct buffer out = buffer_in(search->line->arena);

    buffer_put_byte(&out, '{');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t at = document_member(&search->document, search->token, text_of(names[i]));

        if (at == CELL_NONE)
            continue;
        json_put_name(&out, names[i]);
        json_put_cell(&out, &search->document, at);
    }
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

static void look_at(struct search *search, const struct document *page, uint32_t token)
{
    if (member_text(page, token, "revoked_at").len > 0 ||
        !text_equal(member_text(page, token, "kind"), TEXT("call")) ||
        !(text_equal(member_text(page, token, "name"), search->wanted) ||
          text_equal(member_text(page, token, "id"), search->wanted)))
        return;
    search->document = *page;
    search->token = token;
    search->found++;
}

/* The id of the page's last token; empty: nothing follows it. */
static struct text search_page(struct search *search, const struct document *page)
{
    uint32_t data = document_member(page, 0, TEXT("data"));
    uint32_t more = document_member(page, 0, TEXT("has_more"));
    struct text last = {0};

    if (data == CELL_NONE || document_cell(page, data)->type != CELL_ARRAY)
        return last;
    for (uint32_t at = data + 1; at < document_next(page, data); at = document_next(page, at)) {
        look_at(search, page, at);
        last = member_text(page, at, "id");
    }
    return more != CELL_NONE && document_cell(page, more)->type == CELL_BOOLEAN &&
                   document_cell(page, more)->boolean
               ? last
               : (struct text){0};
}

static bool search_all(struct search *search, int *out_code)
{
    static const struct json_limits all = {.nodes = JSON_UNLIMITED};
    struct text after = {0}, answer;
    struct document page;

    do {
        if (!token_ask(search->line, DEED_LIST, after, (struct text){0}, &answer, out_code))
            return false;
        after = (struct text){0};
        if (json_read(answer, &all, search->line->arena, &page, NULL, NULL))
            after = search_page(search, &page);
    } while (after.len > 0);
    return true;
}

/* To look for one must not make a store: where neither a server answers nor a store is, there is no
 * token. */
static bool tokens_there(const struct command_line *line)
{
    struct settings settings;
    struct error err = {0};

    return !config_folder_settings(line, &settings, &err) || remote_answers(line, &settings) ||
           access(arena_printf(line->arena, "%.*s/data.mdb", TEXT_ARG(settings.store)).at, F_OK) ==
               0;
}

static bool refuse(const struct search *search, int *out_code)
{
    struct error err = {0};

    if (search->found == 0)
        error_set(&err, ERROR_TOKEN_NOT_FOUND, NULL,
                  "there is no token '%.*s' for callers that is not revoked",
                  TEXT_ARG(text_first(search->wanted, 64)));
    else
        error_set(&err, ERROR_INVALID_REQUEST, "--token", "%zu tokens are named '%.*s'",
                  search->found, TEXT_ARG(text_first(search->wanted, 64)));
    error_hint(&err, "'pinion token list' shows names and ids");
    *out_code = remote_error(search->line, &err);
    return false;
}

bool ask_caller(const struct command_line *line, const struct token_record **out, int *out_code)
{
    const char *given = option_text(line, "token");
    struct search search = {.line = line, .wanted = text_of(given), .token = CELL_NONE};
    struct token_record *record = ARENA_NEW(line->arena, struct token_record);
    struct document *members = ARENA_NEW(line->arena, struct document);
    struct error err = {0};
    unsigned fields;

    *out = NULL;
    *out_code = EXIT_DONE;
    if (given == NULL)
        return true;
    if (tokens_there(line) && !search_all(&search, out_code))
        return false;
    if (search.found != 1)
        return refuse(&search, out_code);
    *record = (struct token_record){TOKEN_DEFAULTS};
    if (!json_read(members_of(&search), NULL, line->arena, members, NULL, &err) ||
        !token_read_json(members, 0, true, line->arena, record, &fields, &err)) {
        *out_code = remote_error(line, &err);
        return false;
    }
    record->id = member_text(&search.document, search.token, "id");
    *out = record;
    return true;
}

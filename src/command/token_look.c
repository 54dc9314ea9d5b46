/* pinion token list, show. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/token_ask.h"
#include "command/token_text.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/member.h"

static const struct json_limits all = {.nodes = JSON_UNLIMITED};

static bool wanted(const struct command_line *line, const struct document *document, uint32_t token)
{
    const char *project = option_text(line, "project");

    return project == NULL || text_equal(member_text(document, token, "project"), text_of(project));
}

/* --json: one document of all pages. */
struct listing {
    const struct command_line *line;
    struct buffer json;
    size_t count;
};

static void show_one(struct listing *listing, const struct document *document, uint32_t token)
{
    if (!wanted(listing->line, document, token))
        return;
    if (!option_on(listing->line, "json")) {
        token_print_row(document, token);
        return;
    }
    if (listing->count++ > 0)
        buffer_put_byte(&listing->json, ',');
    json_put_cell(&listing->json, document, token);
}

/* The id of the page's last token; empty: nothing follows it. */
static struct text show_page(struct listing *listing, const struct document *document)
{
    uint32_t data = document_member(document, 0, TEXT("data"));
    struct text last = {0};

    if (data == CELL_NONE || document_cell(document, data)->type != CELL_ARRAY)
        return last;
    for (uint32_t at = data + 1; at < document_next(document, data);
         at = document_next(document, at)) {
        show_one(listing, document, at);
        last = member_text(document, at, "id");
    }
    return member_flag(document, 0, "has_more") ? last : (struct text){0};
}

static int list(const struct command_line *line)
{
    struct listing listing = {.line = line, .json = buffer_in(line->arena)};
    struct text after = {0};
    int code;

    do {
        struct document document;
        struct text answer;

        if (!token_ask(line, DEED_LIST, after, (struct text){0}, &answer, &code))
            return code;
        after = (struct text){0};
        if (json_read(answer, &all, line->arena, &document, NULL, NULL))
            after = show_page(&listing, &document);
    } while (after.len > 0);
    if (option_on(line, "json"))
        printf("{\"object\":\"list\",\"data\":[%.*s],\"has_more\":false}\n",
               TEXT_ARG(buffer_text(&listing.json)));
    return EXIT_DONE;
}

static int show(const struct command_line *line)
{
    struct document document;
    struct text answer, id;
    int code;

    if (!token_id_given(line, &id))
        return EXIT_USAGE;
    if (!token_ask(line, DEED_SHOW, id, (struct text){0}, &answer, &code))
        return code;
    if (option_on(line, "json") || !json_read(answer, NULL, line->arena, &document, NULL, NULL))
        printf("%.*s\n", TEXT_ARG(answer));
    else
        token_print_all(&document, 0);
    return EXIT_DONE;
}

static const struct option_spec list_options[] = {
    {.name = "project", .argument = "NAME", .help = "only the tokens of that project"},
    PLACE_OPTIONS,
};
static const struct option_spec show_options[] = {PLACE_OPTIONS};

const struct command_spec command_token_list = {
    .name = "token list",
    .summary = "List the tokens, without their secrets",
    .examples = {"token list", "token list --project acme --json"},
    .see_also = "token create, token show, token revoke",
    .options = list_options,
    .option_count = sizeof list_options / sizeof *list_options,
    .run = list,
};

const struct command_spec command_token_show = {
    .name = "token show",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Show what a token may do and when it was last used",
    .examples = {"token show tok_01k9...", "token show tok_01k9... --json"},
    .see_also = "token list, token update",
    .options = show_options,
    .option_count = sizeof show_options / sizeof *show_options,
    .run = show,
};

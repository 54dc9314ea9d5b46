/* `projects` of pinion.yaml. The project 'default' is there whether it is written or not, so that a
 * token without one has it. A project keeps its id when it is written out; else the id is made of
 * the name (RFC 9562, section 5.8, of its SHA-256), and so the same on every machine. */
#include "config/limit_keys.h"
#include "config/load.h"
#include "config/value.h"

#include <math.h>
#include <stdlib.h>

struct project_draft {
    struct project project;
    uint32_t id, markup, budget, guardrails;
};

enum { PROJECTS_MAX = 10000, UUID_CHARS = 36, MARKUP_PERCENT_MAX = 10000 };

// clang-format off
static const struct key limit_keys[] = {LIMIT_KEYS(struct project_draft, project.limits)};
static const struct keys limit_table = KEYS_OF(limit_keys);

static const struct key project_keys[] = {
    {.name = "id", .type = KEY_CELL, .types = KEY_OF(CELL_STRING), FIELD(struct project_draft, id), .hint = "id: 0190b3f4-7c21-7e3a-9d55-3f1c2a6b8e90",
     .about = "The project's UUID; without it, one that is made of its name.",
     .example = "0190b3f4-7c21-7e3a-9d55-3f1c2a6b8e90"},
    {.name = "limits", .type = KEY_TABLE, .inside = &limit_table, .hint = "limits: {per_minute: 600}",
     .about = "How much all calls of the project's tokens together may ask of each endpoint.",
     .example = "{per_minute: 600}"},
    {.name = "budget", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct project_draft, budget), .hint = "budget: {monthly_usd: 200}",
     .about = "What the project may spend.",
     .example = "{monthly_usd: 200}", .inside = &budget_table},
    {.name = "guardrails", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT) | KEY_OF(CELL_STRING), FIELD(struct project_draft, guardrails), .hint = "guardrails: {pii: mask, secrets: block}",
     .about = "What is looked for in prompts and answers of the project's tokens, as far as an endpoint or a token does not say otherwise.",
     .example = "{pii: mask, secrets: block}", .words = guard_off_words, .inside = &guard_table},
    {.name = "markup_percent", .type = KEY_NUMBER, FIELD(struct project_draft, markup), .least = 0, .greatest = MARKUP_PERCENT_MAX, .hint = "markup_percent: 20",
     .about = "What is added to the cost of the project's calls where it is shown to their callers.",
     .example = "20"},
    {.name = "name", .type = KEY_ELSEWHERE, .hint = "a project is named by its key: projects: {acme: {}}"},
    {.name = "tokens", .type = KEY_ELSEWHERE, .hint = "a token is put into a project when it is created: pinion token create --project NAME"},
};
// clang-format on
const struct keys project_table = KEYS_OF(project_keys);

static bool malformed(struct load *load, const struct document *document, uint32_t cell,
                      const char *what, const char *hint)
{
    struct diagnostic *it =
        diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0801, "%s", what);

    diagnostic_hint(load->diagnostics, it, "%s", hint);
    return false;
}

static bool is_uuid(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
                     (byte >= 'A' && byte <= 'F');

        if (dash ? byte != '-' : !digit)
            return false;
    }
    return text.len == UUID_CHARS;
}

/* Version 8, variant 10. */
static struct text derived_id(struct arena *arena, struct text name)
{
    struct text of = arena_printf(arena, "pinion project %.*s", TEXT_ARG(name));
    const char *hex = load_sha256(arena, of).at;

    return arena_printf(arena, "%.8s-%.4s-8%.3s-8%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17,
                        hex + 20);
}

static bool read_id(struct load *load, const struct document *document, uint32_t cell,
                    struct project *project)
{
    struct text id = cell != CELL_NONE ? document_text(document, cell) : (struct text){0};
    char *lower;

    if (cell == CELL_NONE) {
        project->id = derived_id(load->arena, project->name);
        return true;
    }
    if (!is_uuid(id))
        return malformed(load, document, cell, "the id of a project is a UUID",
                         "write id: 0190b3f4-7c21-7e3a-9d55-3f1c2a6b8e90, or leave it out: it is "
                         "then made of the project's name");
    lower = arena_alloc(load->arena, id.len + 1);
    for (size_t i = 0; i < id.len; i++)
        lower[i] = (char)(id.at[i] >= 'A' && id.at[i] <= 'F' ? id.at[i] + 32 : id.at[i]);
    lower[id.len] = '\0';
    project->id = (struct text){lower, id.len};
    return true;
}

static bool read_project(struct load *load, const struct document *document, uint32_t cell,
                         struct project *project)
{
    struct project_draft draft = {
        .id = CELL_NONE, .markup = CELL_NONE, .budget = CELL_NONE, .guardrails = CELL_NONE};
    struct reading reading = load_reading(load, document);
    bool good;

    project->name = document_text(document, key_of(cell));
    if (is_uuid(project->name))
        return malformed(load, document, key_of(cell), "the name of a project cannot be a UUID",
                         "choose a name, and write the UUID below it: NAME: {id: UUID}");
    if (slug_reserved(project->name))
        return malformed(load, document, key_of(cell),
                         "a project cannot have the name of a path of the gateway's own",
                         "choose another; it becomes part of paths, as in /api/NAME/...");
    if (!slug_valid(project->name))
        return malformed(load, document, key_of(cell),
                         "the name of a project has 1 to 63 of a-z, 0-9 and '-', and starts with a "
                         "letter or digit",
                         "it is the name in /api/NAME/..., and what 'pinion token create' takes");
    if (document_cell(document, cell)->type != CELL_OBJECT)
        return malformed(load, document, cell, "a project is described by a mapping",
                         "it is written NAME: {limits: {per_minute: 600}}, or NAME: {}");
    good = keys_read(&reading, cell, key_of(cell), &project_table, &draft);
    project->limits = draft.project.limits;
    good = load_shared_budget(load, document, draft.budget, &project->budget) && good;
    good = load_guardrails(load, document, draft.guardrails, &project->guardrails) && good;
    if (draft.markup != CELL_NONE)
        project->markup_bp =
            (uint32_t)lround(document_double(document_cell(document, draft.markup)) * 100);
    return read_id(load, document, draft.id, project) && good;
}

static int by_name(const void *a, const void *b)
{
    return text_compare(((const struct project *)a)->name, ((const struct project *)b)->name);
}

static int by_id(const void *a, const void *b)
{
    return text_compare((*(const struct project *const *)a)->id,
                        (*(const struct project *const *)b)->id);
}

static void check_unique(struct load *load, const struct document *document, uint32_t cell,
                         const struct project *projects, size_t count)
{
    const struct project **sorted = ARENA_ARRAY(load->arena, const struct project *, count);

    for (size_t i = 0; i < count; i++)
        sorted[i] = &projects[i];
    qsort(sorted, count, sizeof *sorted, by_id);
    for (size_t i = 1; i < count; i++)
        if (text_equal(sorted[i - 1]->id, sorted[i]->id))
            diagnostic_hint(load->diagnostics,
                            diagnose(load->diagnostics, document, key_of(cell), DIAGNOSTIC_E0801,
                                     "the projects '%.*s' and '%.*s' have the same id",
                                     TEXT_ARG(sorted[i - 1]->name), TEXT_ARG(sorted[i]->name)),
                            "leave 'id' out of one of them: it is then made of its name");
}

void load_projects(struct load *load, const struct document *document, uint32_t cell)
{
    uint32_t members = load_members(load, document, cell, PROJECTS_MAX);
    struct project *projects = ARENA_ARRAY(load->arena, struct project, members + 1);
    size_t count = 0;
    bool written = false;

    for (uint32_t i = 0, at = cell + 1; i < members; i++, at = document_next(document, at + 1)) {
        written |= text_equal(document_text(document, at), TEXT("default"));
        count += read_project(load, document, at + 1, &projects[count]);
    }
    if (!written)
        projects[count++] = (struct project){.name = TEXT("default"),
                                             .id = derived_id(load->arena, TEXT("default"))};
    qsort(projects, count, sizeof *projects, by_name);
    check_unique(load, document, cell, projects, count);
    load->config->projects = projects;
    load->config->project_count = count;
}

static int name_order(const void *key, const void *item)
{
    return text_compare(*(const struct text *)key, ((const struct project *)item)->name);
}

const struct project *config_project(const struct config *config, struct text name)
{
    if (name.len == 0)
        name = TEXT("default");
    return bsearch(&name, config->projects, config->project_count, sizeof *config->projects,
                   name_order);
}

const struct project *config_project_by_id(const struct config *config, struct text id)
{
    for (size_t i = 0; id.len == UUID_CHARS && i < config->project_count; i++)
        if (text_equal_nocase(config->projects[i].id, id))
            return &config->projects[i];
    return NULL;
}

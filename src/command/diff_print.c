#include "command/diff_print.h"

#include "command/line_diff.h"
#include "command/said.h"
#include "document/json_write.h"

static bool to_json(const struct diff_report *report)
{
    return option_on(report->line, "json");
}

void diff_begin(struct diff_report *report, const struct command_line *line)
{
    *report = (struct diff_report){.line = line, .json = buffer_in(line->arena)};
    buffer_put(&report->json, TEXT("{\"object\":\"diff\",\"endpoints\":["));
}

static const struct history_file *find(const struct diff_side *side, struct text path)
{
    for (size_t i = 0; i < side->file_count; i++)
        if (text_equal(side->files[i].path, path))
            return &side->files[i];
    return NULL;
}

/* One file; NULL: it is not there. Gives the name that stands for it in the head of its diff. */
static struct text label(struct diff_report *report, const struct diff_side *side,
                         const struct history_file *file)
{
    if (file == NULL)
        return TEXT("/dev/null");
    return arena_printf(report->line->arena, "%.*s\t(%.*s)", TEXT_ARG(file->path),
                        TEXT_ARG(side->label));
}

static void put_file(struct diff_report *report, const struct diff_side *old,
                     const struct diff_side *new, const struct history_file *before,
                     const struct history_file *after)
{
    struct buffer hunks = buffer_in(report->line->arena);

    line_diff(label(report, old, before), before != NULL ? before->bytes : (struct text){0},
              label(report, new, after), after != NULL ? after->bytes : (struct text){0}, &hunks);
    if (hunks.len == 0)
        return;
    if (!to_json(report)) {
        said_put(buffer_text(&hunks), stdout);
        return;
    }
    if (report->json.at[report->json.len - 1] != '[')
        buffer_put_byte(&report->json, ',');
    buffer_put_byte(&report->json, '{');
    json_put_text(&report->json, "path", after != NULL ? after->path : before->path);
    json_put_text(&report->json, "change",
                  before == NULL  ? TEXT("added")
                  : after == NULL ? TEXT("removed")
                                  : TEXT("changed"));
    json_put_text(&report->json, "diff", buffer_text(&hunks));
    buffer_put_byte(&report->json, '}');
}

static void begin(struct diff_report *report, struct text slug, const char *status,
                  struct text more)
{
    report->count++;
    if (!to_json(report)) {
        printf("%.*s: %s%.*s\n", TEXT_ARG(slug), status, TEXT_ARG(more));
        return;
    }
    buffer_put(&report->json, report->count > 1 ? TEXT(",{") : TEXT("{"));
    json_put_text(&report->json, "endpoint", slug);
    json_put_text(&report->json, "status", text_of(status));
}

void diff_endpoint(struct diff_report *report, struct text slug, const char *status,
                   bool rolled_back, struct diff_side old, struct diff_side new)
{
    begin(report, slug, status,
          rolled_back ? TEXT(" (it is rolled back; the folder's files are not in force)")
                      : (struct text){0});
    if (to_json(report)) {
        json_put_flag(&report->json, "rolled_back", rolled_back);
        json_put_name(&report->json, "files");
        buffer_put_byte(&report->json, '[');
    }
    for (size_t i = 0; i < new.file_count; i++)
        put_file(report, &old, &new, find(&old, new.files[i].path), &new.files[i]);
    for (size_t i = 0; i < old.file_count; i++)
        if (find(&new, old.files[i].path) == NULL)
            put_file(report, &old, &new, &old.files[i], NULL);
    if (to_json(report))
        buffer_put(&report->json, TEXT("]}"));
}

void diff_settings(struct diff_report *report, struct text slug)
{
    begin(report, slug, "settings",
          TEXT(" (its files are the same; what pinion.yaml, or serve's flags, say of it is not)"));
    if (to_json(report))
        buffer_put(&report->json, TEXT(",\"files\":[]}"));
}

void diff_end(struct diff_report *report)
{
    if (to_json(report)) {
        buffer_printf(&report->json, "],\"different\":%s}", report->count > 0 ? "true" : "false");
        printf("%.*s\n", TEXT_ARG(buffer_text(&report->json)));
    } else if (report->count == 0 && !option_on(report->line, "quiet")) {
        fprintf(stderr, "no differences\n");
    }
}

/* That the messages are enough: each folder of tests/cases/config with mistakes has a folder
 * `fixed` with the files as somebody would put them right who knows nothing but what was said (and
 * `removed`, which lists files that go away). What is put right has no errors left. */
#include "case_folder.h"
#include "config/load.h"
#include "config/report.h"

#include <unistd.h>

/* The fixed files over those of the case. */
struct overlay {
    struct folder folder; /* first */
    struct folder_disk base, fixed;
    struct text removed;
};

static struct overlay *overlay_of(struct folder *folder)
{
    return (struct overlay *)folder;
}

static bool is_removed(const struct overlay *overlay, struct text path)
{
    struct text rest = overlay->removed;

    while (rest.len > 0)
        if (text_equal(text_split(&rest, '\n'), path))
            return true;
    return false;
}

static enum folder_status give(struct folder *folder, struct text path, struct arena *arena,
                               struct text *out_bytes, const char **out_why)
{
    struct overlay *overlay = overlay_of(folder);
    enum folder_status status =
        overlay->fixed.folder.read(&overlay->fixed.folder, path, arena, out_bytes, out_why);

    if (status != FOLDER_MISSING)
        return status;
    if (is_removed(overlay, path))
        return FOLDER_MISSING;
    return overlay->base.folder.read(&overlay->base.folder, path, arena, out_bytes, out_why);
}

static int by_name(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static enum folder_status list(struct folder *folder, struct text path, struct arena *arena,
                               const struct text **out_names, size_t *out_count,
                               const char **out_why)
{
    struct overlay *overlay = overlay_of(folder);
    struct folder_disk *disks[] = {&overlay->base, &overlay->fixed};
    struct text *all = ARENA_ARRAY(arena, struct text, 1000);
    enum folder_status status = FOLDER_MISSING;
    size_t count = 0;

    for (size_t i = 0; i < 2; i++) {
        const struct text *names;
        size_t found;

        if (disks[i]->folder.list(&disks[i]->folder, path, arena, &names, &found, out_why) !=
            FOLDER_OK)
            continue;
        status = FOLDER_OK;
        for (size_t j = 0; j < found; j++) {
            struct text whole = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(path),
                                             path.len > 0 ? "/" : "", TEXT_ARG(names[j]));
            bool known = i == 0 && is_removed(overlay, whole);

            for (size_t k = 0; k < count; k++)
                known |= text_equal(all[k], names[j]);
            if (!known)
                all[count++] = names[j];
        }
    }
    qsort(all, count, sizeof *all, by_name);
    *out_names = all;
    *out_count = count;
    return status;
}

static enum folder_status give_absolute(struct folder *folder, struct text path,
                                        struct arena *arena, struct text *out_bytes,
                                        const char **out_why)
{
    struct folder *base = &overlay_of(folder)->base.folder;

    return base->read_absolute(base, path, arena, out_bytes, out_why);
}

static bool variable(struct folder *folder, struct text name, struct text *out_value)
{
    struct folder *base = &overlay_of(folder)->base.folder;

    return base->variable(base, name, out_value);
}

static bool no_secret(__attribute__((unused)) struct folder *folder,
                      __attribute__((unused)) struct text name,
                      __attribute__((unused)) struct arena *arena,
                      __attribute__((unused)) struct text *out_value, struct error *err)
{
    return error_set(err, ERROR_SECRET_NOT_FOUND, NULL, "is not in the store");
}

/* Whether the case is one of mistakes. */
static bool is_broken(const char *folder, struct arena *arena)
{
    struct text expected;

    return case_file(folder, "expected.txt", arena, &expected) &&
           (text_starts(expected, TEXT("error[")) ||
            text_find(expected, TEXT("\nerror[")) < expected.len);
}

static size_t fixed_count;

static void run_case(const char *folder, struct arena *arena)
{
    struct overlay overlay = {.folder = {give, list, give_absolute, variable, no_secret}};
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct config_options options = {
        .dev = case_option(folder, arena, TEXT("dev")),
        .allow_missing_secrets = case_option(folder, arena, TEXT("allow_missing_secrets"))};
    struct buffer out = buffer_in(arena);
    struct config *config;
    const char *why;

    if (!is_broken(folder, arena))
        return;
    EXPECT_EQ(chdir(folder), 0);
    if (!folder_disk_open(&overlay.fixed, TEXT("fixed"), NULL, arena, &why))
        fail_msg("%s has no folder 'fixed' with its files put right", folder);
    EXPECT(folder_disk_open(&overlay.base, TEXT("."), NULL, arena, &why));
    case_file(folder, "fixed/removed", arena, &overlay.removed);
    diagnostics->arena = arena;
    config = config_load_from(&overlay.folder, TEXT("."), &options, diagnostics);
    report_write(diagnostics, REPORT_SHORT, false, &out);
    if (config == NULL)
        fail_msg("%s is not put right:\n%.*s", folder, TEXT_ARG(buffer_text(&out)));
    config_free(config);
    folder_disk_close(&overlay.base);
    folder_disk_close(&overlay.fixed);
    fixed_count++;
}

TEST(what_is_put_right_as_the_messages_say_has_no_errors_left)
{
    setenv("PINION_CASE_KEY", "sk-secret-from-the-environment", 1);
    setenv("PINION_CASE_HOST", "models.example", 1);
    case_walk("config", run_case);
    EXPECT(fixed_count >= 100);
}

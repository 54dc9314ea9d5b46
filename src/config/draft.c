/* The folder as an author means to have it: his files over what is on disk, read by the loader that
 * reads the folder itself, so that what is said of a draft holds when it is saved. */
#include "config/load.h"
#include "config/overlay.h"

_Static_assert(CONFIG_DRAFT_FILE_BYTES == (int)FOLDER_FILE_BYTES, "as a file that is saved");

bool config_draft_takes(struct text path, struct arena *arena, struct text *out_path)
{
    static const struct text folders[] = {TEXT_INIT("endpoints/"), TEXT_INIT("routing/"),
                                          TEXT_INIT("schemas/"), TEXT_INIT("tests/")};

    if (folder_path(path, arena, out_path) != FOLDER_PATH_GOOD)
        return false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (text_starts(*out_path, folders[i]))
            return true;
    return false;
}

/* The folder with the draft over it is `overlay->folder`; it is to be closed in either case. */
static bool open_draft(struct folder_disk *disk, struct folder_overlay *overlay, struct text folder,
                       const struct config_draft *draft, struct vault *vault, struct arena *arena,
                       const char **out_why)
{
    if (!folder_disk_open(disk, folder, vault, arena, out_why))
        return false;
    folder_overlay_init(overlay, &disk->folder, draft->files, draft->count, (struct text){0},
                        arena);
    overlay->through = true;
    return true;
}

static struct config *unopened(struct text folder, const char *why, struct diagnostics *diagnostics)
{
    diagnose_file(diagnostics, arena_copy(diagnostics->arena, folder), (struct text){0},
                  (struct range){0}, DIAGNOSTIC_E0602,
                  "the configuration folder cannot be opened: %s", why);
    return NULL;
}

struct config *config_load_draft(const struct config *current, struct text folder,
                                 const struct config_draft *draft,
                                 const struct config_options *options,
                                 struct diagnostics *diagnostics)
{
    struct arena arena = {0};
    struct folder_overlay overlay;
    struct folder_disk disk;
    struct config *config;
    const char *why;

    if (open_draft(&disk, &overlay, folder, draft, options->vault, &arena, &why)) {
        overlay.current = draft->count > 0 ? current : NULL;
        config = config_load_from(&overlay.folder, folder, options, diagnostics);
    } else {
        config = unopened(folder, why, diagnostics);
    }
    folder_disk_close(&disk);
    arena_release(&arena);
    return config;
}

/* "tests/summarize.yaml" of "endpoints/summarize.yaml", whose slug is what its file is named after
 * unless it says another; of that, only an endpoint that is known is asked. */
static struct text tests_path(const struct config *current, struct text path, struct arena *arena)
{
    struct text slug = text_after(path, strlen("endpoints/"));

    for (size_t i = 0; i < current->endpoint_count; i++)
        if (text_equal(current->endpoints[i].file, path))
            return arena_printf(arena, "tests/%.*s.yaml", TEXT_ARG(current->endpoints[i].slug));
    return arena_printf(arena, "tests/%.*s.yaml",
                        TEXT_ARG(text_first(slug, text_find_byte(slug, '.'))));
}

struct config *config_load_drafted(const struct config *current, struct text path,
                                   const struct config_draft *draft,
                                   const struct config_options *options,
                                   struct diagnostics *diagnostics)
{
    struct config_options without_pins = *options;
    struct arena arena = {0};
    struct folder_overlay overlay;
    struct folder_disk disk;
    struct config *config;
    const char *why;

    without_pins.pin_count = 0;
    without_pins.alone = true;
    if (open_draft(&disk, &overlay, current->folder, draft, options->vault, &arena, &why)) {
        overlay.settings = current->source;
        overlay.current = draft->count > 0 ? current : NULL;
        overlay.endpoint = path;
        overlay.tests = tests_path(current, path, &arena);
        config = config_load_from(&overlay.folder, current->folder, &without_pins, diagnostics);
    } else {
        config = unopened(current->folder, why, diagnostics);
    }
    folder_disk_close(&disk);
    arena_release(&arena);
    return config;
}

bool config_draft_file(struct text folder, const struct config_draft *draft, struct text path,
                       struct arena *arena, struct text *out_bytes)
{
    struct folder_overlay overlay;
    struct folder_disk disk;
    const char *why;
    bool good = open_draft(&disk, &overlay, folder, draft, NULL, arena, &why) &&
                overlay.folder.read(&overlay.folder, path, arena, out_bytes, &why) == FOLDER_OK;

    folder_disk_close(&disk);
    return good;
}

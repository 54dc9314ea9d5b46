/* Endpoints as they once were. Each version is read like a folder of its own, in which there is
 * nothing but what it was made of: its schemas are not those of today. */
#include "config/load.h"
#include "config/overlay.h"

void load_name_version(struct diagnostics *diagnostics, size_t from, struct text slug,
                       uint64_t number)
{
    for (size_t i = from; i < diagnostics->count; i++) {
        struct diagnostic *it = &diagnostics->items[i];

        if (!text_equal(it->file, TEXT("pinion.yaml")))
            it->file = arena_printf(diagnostics->arena, "%.*s@%llu:%.*s", TEXT_ARG(slug),
                                    (unsigned long long)number, TEXT_ARG(it->file));
    }
}

/* With what the load knows of pinion.yaml; what it knows of other files is put back afterwards. */
static bool load_old(struct load *load, const struct history_entry *version, struct endpoint *out)
{
    struct load kept = *load;
    struct folder_overlay overlay;
    size_t known = load->diagnostics->count;
    bool good;

    folder_overlay_init(&overlay, load->folder, version->files, version->file_count,
                        (struct text){0}, load->arena);
    load->folder = &overlay.folder;
    load->schemas = load->routings = (struct known_files){0};
    load->partials = (struct partials){0};
    load_schemas(load);
    load_routings(load);
    load_partials(load);
    good = endpoint_load(load, arena_copy(load->arena, version->files[0].path), out);
    load->folder = kept.folder;
    load->schemas = kept.schemas;
    load->routings = kept.routings;
    load->partials = kept.partials;
    load->set = kept.set;
    load_name_version(load->diagnostics, known, version->slug, version->number);
    return good;
}

static const struct history_entry *find(const struct load *load, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < load->options->pin_count; i++) {
        const struct history_entry *pin = &load->options->pins[i];

        if (text_equal(pin->slug, endpoint->slug) && pin->file_count > 0 &&
            memcmp(pin->replaced, endpoint->files_digest, sizeof pin->replaced) == 0)
            return pin;
    }
    return NULL;
}

static void warn(struct load *load, const struct endpoint *endpoint, uint64_t number)
{
    struct diagnostic *it = diagnose_file(
        load->diagnostics, endpoint->file, (struct text){0}, (struct range){0}, DIAGNOSTIC_W0603,
        "the endpoint is rolled back: its version %llu is in force in place of this "
        "file",
        (unsigned long long)number);

    diagnostic_hint(load->diagnostics, it,
                    "as soon as the file, or one that it names, is another, it is in force again");
}

void load_pin(struct load *load, struct endpoint *endpoint)
{
    const struct history_entry *pin = find(load, endpoint);
    struct endpoint old;

    if (pin == NULL)
        return;
    warn(load, endpoint, pin->number);
    if (!load_old(load, pin, &old))
        return;
    old.folder_files = endpoint->files;
    old.folder_file_count = endpoint->file_count;
    old.pinned = true;
    *old.number = pin->number;
    memcpy(old.replaced, endpoint->files_digest, sizeof old.replaced);
    *endpoint = old;
}

static void report_unopened(struct text folder, const char *why, struct diagnostics *diagnostics)
{
    diagnose_file(diagnostics, arena_copy(diagnostics->arena, folder), (struct text){0},
                  (struct range){0}, DIAGNOSTIC_E0602,
                  "the configuration folder cannot be opened: %s", why);
}

/* The files of the folder that its endpoints are made of; those of several are there as often. */
static size_t gather(const struct config *current, struct history_file *out)
{
    size_t count = 0;

    for (size_t i = 0; i < current->endpoint_count; i++) {
        const struct endpoint *endpoint = &current->endpoints[i];
        bool pinned = endpoint->pinned;
        size_t its = pinned ? endpoint->folder_file_count : endpoint->file_count;

        if (out != NULL)
            memcpy(out + count, pinned ? endpoint->folder_files : endpoint->files,
                   its * sizeof *out);
        count += its;
    }
    return count;
}

struct config *config_load_again(const struct config *current, const struct config_options *options,
                                 struct diagnostics *diagnostics)
{
    struct arena arena = {0};
    struct history_file *files =
        ARENA_ARRAY(&arena, struct history_file, gather(current, NULL) + 1);
    struct folder_overlay overlay;
    struct folder_disk disk;
    struct config *config = NULL;
    const char *why;

    if (folder_disk_open(&disk, current->folder, options->vault, &arena, &why)) {
        folder_overlay_init(&overlay, &disk.folder, files, gather(current, files), current->source,
                            &arena);
        config = config_load_from(&overlay.folder, current->folder, options, diagnostics);
    } else {
        report_unopened(current->folder, why, diagnostics);
    }
    folder_disk_close(&disk);
    arena_release(&arena);
    return config;
}

struct config *config_load_version(const struct config *current,
                                   const struct history_entry *version,
                                   const struct config_options *options,
                                   struct diagnostics *diagnostics)
{
    struct config_options without_pins = *options;
    struct arena arena = {0};
    struct folder_overlay overlay;
    struct folder_disk disk;
    struct config *config = NULL;
    size_t known = diagnostics->count;
    const char *why;

    without_pins.pin_count = 0;
    without_pins.alone = true;
    if (folder_disk_open(&disk, current->folder, options->vault, &arena, &why)) {
        folder_overlay_init(&overlay, &disk.folder, version->files, version->file_count,
                            current->source, &arena);
        config = config_load_from(&overlay.folder, current->folder, &without_pins, diagnostics);
        load_name_version(diagnostics, known, version->slug, version->number);
    } else {
        report_unopened(current->folder, why, diagnostics);
    }
    folder_disk_close(&disk);
    arena_release(&arena);
    return config;
}

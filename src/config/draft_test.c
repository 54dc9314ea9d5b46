#include "config/config.h"

#include "config/load.h"
#include "config/overlay.h"
#include "memory_folder.h"
#include "unit.h"

static const struct memory_file saved[] = {
    {"pinion.yaml", TEXT_INIT("providers: {d: {kind: demo}}\n")},
    {"endpoints/a.yaml", TEXT_INIT("provider: d\nmodel: m\nsystem: saved\n")},
    {"endpoints/b.yaml", TEXT_INIT("provider: nobody\nmodel: m\nsystem: s\n")},
    {"tests/a.yaml", TEXT_INIT("- {name: one, input: x, assert: [{type: status, value: 200}]}\n")},
    {"tests/b.yaml", TEXT_INIT("- nothing\n")},
};

static struct arena arena;
static struct diagnostics diagnostics;

/* With `alone` of a.yaml only, and the settings that are in force; NULL: those of the folder. */
static struct config *load(struct history_file draft, bool alone, const char *settings)
{
    struct memory_folder folder = memory_folder(saved, sizeof saved / sizeof *saved, NULL);
    struct config_options options = {.alone = alone};
    struct folder_overlay overlay;

    diagnostics = (struct diagnostics){.arena = &arena};
    folder_overlay_init(&overlay, &folder.folder, &draft, draft.path.len > 0, text_of(settings),
                        &arena);
    overlay.through = true;
    if (alone) {
        overlay.endpoint = TEXT("endpoints/a.yaml");
        overlay.tests = TEXT("tests/a.yaml");
    }
    return config_load_from(&overlay.folder, TEXT("folder"), &options, &diagnostics);
}

static struct history_file file(const char *path, const char *bytes)
{
    return (struct history_file){.path = text_of(path), .bytes = text_of(bytes)};
}

static size_t errors_in(const char *path)
{
    size_t count = 0;

    for (size_t i = 0; i < diagnostics.count; i++)
        count += diagnostic_is_error(diagnostics.items[i].code) &&
                 text_equal(diagnostics.items[i].file, text_of(path));
    return count;
}

TEST(a_draft_is_read_in_the_place_of_its_file_and_all_else_is_as_it_was_saved)
{
    EXPECT(load(file("endpoints/a.yaml", "provider: d\nmodel: m\nsytem: s\n"), false, NULL) ==
           NULL);
    EXPECT_EQ(errors_in("endpoints/a.yaml"), 1);
    EXPECT_EQ(errors_in("endpoints/b.yaml"), 1);
    EXPECT_EQ(diagnostics.error_count, 3);
    arena_release(&arena);
}

TEST(of_one_endpoint_alone_nothing_else_is_looked_at)
{
    struct config *config = load(file("endpoints/a.yaml", "provider: x\nmodel: m\nsystem: new\n"),
                                 true, "providers: {x: {kind: demo}}\n");

    if (config == NULL)
        fail_msg("%.*s", TEXT_ARG(diagnostics.items[0].message));
    EXPECT_EQ(config->endpoint_count, 1);
    EXPECT_TEXT(config->endpoints[0].system_source, "new");
    EXPECT_EQ(config->endpoints[0].test_count, 1);
    config_free(config);
    EXPECT(load(file("", ""), true, NULL) == NULL); /* no settings in force: none are looked for */
    arena_release(&arena);
}

TEST(only_files_of_endpoints_are_drafted)
{
    static const struct {
        const char *path, *taken;
    } cases[] = {
        {"endpoints/a.yaml", "endpoints/a.yaml"},
        {"./schemas//in.json", "schemas/in.json"},
        {"endpoints/partials/x.mustache", "endpoints/partials/x.mustache"},
        {"routing/r.yaml", "routing/r.yaml"},
        {"tests/a.yaml", "tests/a.yaml"},
        {"pinion.yaml", NULL},
        {"./pinion.yaml", NULL},
        {"/etc/passwd", NULL},
        {"endpoints/../pinion.yaml", NULL},
        {"endpoints", NULL},
        {"endpoints/", NULL},
        {"", NULL},
        {"endpoints/a\n.yaml", NULL},
        {"secrets/key", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text path = {0};
        bool taken = config_draft_takes(text_of(cases[i].path), &arena, &path);

        if (taken != (cases[i].taken != NULL))
            fail_msg("%s", cases[i].path);
        if (taken)
            EXPECT_TEXT(path, cases[i].taken);
    }
    arena_release(&arena);
}

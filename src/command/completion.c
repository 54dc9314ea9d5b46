/* pinion completion: a few lines that have a shell ask the program itself what may come next, so
 * that it is never out of date. */
#include "command/commands.h"
#include "command/complete.h"
#include "config/config.h"

#include <dirent.h>
#include <limits.h>

static const char bash[] =
    "_pinion() {\n"
    "    local word about cur=${COMP_WORDS[COMP_CWORD]}\n"
    "    [ \"$cur\" = = ] && cur=\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r word about; do\n"
    "        case $word in\n"
    "        :files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "
    "\"$cur\") ;;\n"
    "        :dirs) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "
    "\"$cur\") ;;\n"
    "        *) COMPREPLY+=(\"$word\") ;;\n"
    "        esac\n"
    "    done < <(\"${COMP_WORDS[0]}\" completion words -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
    "2>/dev/null)\n"
    "}\n"
    "complete -F _pinion pinion\n";

static const char zsh[] =
    "#compdef pinion\n"
    "_pinion() {\n"
    "    local line\n"
    "    local -a found\n"
    "    for line in \"${(@f)$(\"$words[1]\" completion words -- \"${(@)words[2,CURRENT]}\" "
    "2>/dev/null)}\"; do\n"
    "        case $line in\n"
    "        :files) _files; return ;;\n"
    "        :dirs) _files -/; return ;;\n"
    "        '') ;;\n"
    "        *) found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "        esac\n"
    "    done\n"
    "    _describe pinion found\n"
    "}\n"
    "if [ \"$funcstack[1]\" = _pinion ]; then _pinion \"$@\"; else compdef _pinion pinion; fi\n";

static const char fish[] =
    "function __pinion_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l typed (commandline -ct)\n"
    "    for line in ($words[1] completion words -- $words[2..-1] \"$typed\" 2>/dev/null)\n"
    "        switch $line\n"
    "            case :files\n"
    "                __fish_complete_path \"$typed\"\n"
    "            case :dirs\n"
    "                __fish_complete_directories \"$typed\"\n"
    "            case '*'\n"
    "                echo $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c pinion -f -a '(__pinion_complete)'\n";

/* Of a folder with mistakes, the names of the files, which are slugs but for those that say
 * otherwise. */
static size_t slugs_of_files(struct text folder, struct arena *arena, const struct text **out)
{
    DIR *directory = opendir(arena_printf(arena, "%.*s/endpoints", TEXT_ARG(folder)).at);
    struct text *slugs = NULL;
    size_t count = 0, room = 0;
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        struct text name = text_of(entry->d_name);

        if (!text_ends(name, TEXT(".yaml")))
            continue;
        name.len -= strlen(".yaml");
        if (!slug_valid(name))
            continue;
        if (count == room) {
            size_t more = room ? room * 2 : 64;

            slugs = arena_grow(arena, slugs, room * sizeof *slugs, more * sizeof *slugs);
            room = more;
        }
        slugs[count++] = arena_copy(arena, name);
    }
    if (directory != NULL)
        closedir(directory);
    *out = slugs;
    return count;
}

static size_t slugs_of(struct text folder, struct arena *arena, const struct text **out)
{
    const struct config_options options = {
        .allow_missing_secrets = true, .dev = true, .offline = true};
    struct diagnostics *unheard = ARENA_NEW(arena, struct diagnostics);
    struct config *config;
    struct text *slugs;
    size_t count;

    unheard->arena = arena;
    config = config_load(folder, &options, unheard);
    if (config == NULL)
        return slugs_of_files(folder, arena, out);
    count = config->endpoint_count;
    slugs = ARENA_ARRAY(arena, struct text, count);
    for (size_t i = 0; i < count; i++)
        slugs[i] = arena_copy(arena, config->endpoints[i].slug);
    config_free(config);
    *out = slugs;
    return count;
}

static int run(const struct command_line *line)
{
    static const struct {
        const char *name, *script;
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    const char *name = line->arguments[0];
    struct buffer out = buffer_in(line->arena);
    struct error err = {0};

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(name, shells[i].name) == 0 && line->argument_count == 1) {
            fputs(shells[i].script, stdout);
            return EXIT_DONE;
        }
    if (strcmp(name, "words") == 0) {
        complete_words(line->program, line->arguments + 1, line->argument_count - 1, slugs_of,
                       line->arena, &out);
        fwrite(out.at, 1, out.len, stdout);
        return EXIT_DONE;
    }
    error_set(&err, ERROR_INVALID_REQUEST, NULL, "there is no completion for '%.40s'", name);
    error_hint(&err, "the shells are bash, zsh and fish: source <(pinion completion bash)");
    command_error_print(line->program, &err, option_on(line, "json"), stderr);
    return EXIT_USAGE;
}

const struct command_spec command_completion = {
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .arguments_min = 1,
    .arguments_max = UINT_MAX,
    .summary = "Print what has a shell complete commands, flags and slugs",
    .examples = {"completion bash > ~/.local/share/bash-completion/completions/pinion",
                 "completion fish > ~/.config/fish/completions/pinion.fish"},
    .see_also = "manual",
    .run = run,
};

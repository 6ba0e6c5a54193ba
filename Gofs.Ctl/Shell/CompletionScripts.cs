namespace Gofs.Ctl.Shell;

/// <summary>The scripts of <c>gofsctl completion</c>: each asks gofsctl itself.</summary>
internal static class CompletionScripts
{
    /// <summary>For bash. It takes a colon for the end of a word, so what is before the last one is cut off the candidates.</summary>
    public const string Bash = """
        # gofsctl completion for bash: source <(gofsctl completion bash)
        _gofsctl() {
          local line=${COMP_LINE:0:COMP_POINT} word cut= candidate
          word=${line##*[[:space:]]}
          if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then cut=${word%"${word##*:}"}; fi
          COMPREPLY=()
          while IFS= read -r candidate; do COMPREPLY+=("${candidate#"$cut"}"); done < <("$1" __complete -- "$line" 2>/dev/null)
          if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace; fi
        }
        complete -o default -F _gofsctl gofsctl
        """;

    /// <summary>For zsh.</summary>
    public const string Zsh = """
        #compdef gofsctl
        # gofsctl completion for zsh: source <(gofsctl completion zsh)
        _gofsctl() {
          local -a candidates
          candidates=("${(@f)$(gofsctl __complete -- "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
          if [[ -n "${candidates[*]}" ]]; then compadd -Q -S '' -- "${candidates[@]}"; else _files; fi
        }
        compdef _gofsctl gofsctl
        """;

    /// <summary>For fish.</summary>
    public const string Fish = """
        # gofsctl completion for fish: gofsctl completion fish | source
        complete -c gofsctl -a '(gofsctl __complete -- (commandline -cp) 2>/dev/null)'
        """;
}

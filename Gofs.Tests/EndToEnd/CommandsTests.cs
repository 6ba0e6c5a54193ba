using System.Text.Json;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Ctl.CommandLine;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>Every command of gofsctl against a real silo, as text and as JSON, with its exit code.</summary>
public sealed class CommandsTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private SiloProcess Silo => fixture.Silo;

    [Fact]
    public async Task FilesAndDirectories_AreMadeShownAndRemoved()
    {
        await using var shell = await ShellAsync("files");
        await ShowsAsync(shell, "", "mkdir -p a/b/c");
        await ShowsAsync(shell, "", "mkdir -m 700 secret");
        await ShowsAsync(shell, "", $"put '{await FileAsync("five", "1\n2\n3\n4\n5\n")}' a/five");
        await ShowsAsync(shell, "", $"put '{await FileAsync("one", "1")}' '{await FileAsync("two", "22")}' a/b/");
        await ShowsAsync(shell, "a\nsecret\n", "ls");
        await ShowsAsync(shell, "b\nb/c\nb/one\nb/two\nfive\n", "ls -R a");
        await ShowsAsync(shell, "a/five\n\na/b:\nc\none\ntwo\n", "ls a/b a/five");
        await ShowsAsync(shell, "a\n", "ls -d a");
        Assert.Matches(@"^drwx------ 1 - \d+ \d+ 0 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d secret\n$", (await shell.RunAsync("ls -ld secret")).Output);
        await ShowsAsync(shell, "221", "cat a/b/two a/b/one");
        await ShowsAsync(shell, "1\n2\n", "head -n 2 a/five");
        await ShowsAsync(shell, "1", "head -c 1 a/five");
        await ShowsAsync(shell, "4\n5\n", "tail -n 2 a/five");
        await ShowsAsync(shell, "5\n", "tail -c 2 a/five");
        await ShowsAsync(shell, "==> a/five <==\n1\n\n==> a/b/two <==\n22", "head -n 1 a/five a/b/two");
        await ShowsAsync(shell, "gofs://files/a\n├── b/\n│   ├── c/\n│   ├── one\n│   └── two\n└── five\n\n2 directories, 3 files\n", "tree a");
        await ShowsAsync(shell, "gofs://files/a\n├── b/\n└── five\n\n1 directories, 1 files\n", "tree -L 1 a");
        await ShowsAsync(shell, "0\tgofs://files/a/b/c\n3\tgofs://files/a/b\n13\tgofs://files/a\n", "du a");
        await ShowsAsync(shell, "13\tgofs://files/a\n", "du -sh a");
        await ShowsAsync(shell, "gofs://files/a/b/one\n", "find a -name 'o*' -type f");
        await ShowsAsync(shell, "gofs://files/a/five\n", "find a --size +2");
        await ShowsAsync(shell, "gofs://files/a\ngofs://files/a/b\n", "find a --type d --maxdepth 1");
        await ShowsAsync(shell, "4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a  gofs://files/x\n", "checksum x", "cp a/five x", "truncate -s 1 x",
            "truncate -s 0 x", $"put '{await FileAsync("four", "4")}' x");
        await RefusesAsync(shell, GofsError.DirectoryNotEmpty, "rmdir a");
        await RefusesAsync(shell, GofsError.IsADirectory, "rm a");
        await RefusesAsync(shell, GofsError.NotFound, "rm nothing");
        await ShowsAsync(shell, "", "rm -f nothing");
        await ShowsAsync(shell, "", "rmdir a/b/c");
        await ShowsAsync(shell, "secret\n", "ls", "rm -r a", "rm --skip-trash x");
    }

    [Fact]
    public async Task Goals_AreSetShownAndWaitedFor()
    {
        await using var shell = await ShellAsync("goals");
        await ShowsAsync(shell, "gofs://goals/d: goal 1, 1 files, 1 directories\n", "setrep -R -w 1 d", "mkdir d", $"put '{await FileAsync("g", "goal")}' d/f");
        var inVain = await shell.RunAsync("setrep -w --limit 1 2 d/f");
        Assert.Equal((ExitCodes.Partial, "gofs://goals/d/f: goal 2, 1 files, 0 directories\n"), (inVain.ExitCode, inVain.Output));
        Assert.Contains("chunks stay below goal 2 for now: 1 chunk servers are live", inVain.Error, StringComparison.Ordinal);
        Assert.Contains("after 1 s not every chunk has it", inVain.Error, StringComparison.Ordinal);
        Assert.Matches(@"^-rw\S+ 1 2 \d+ ", (await shell.RunAsync("ls -l d/f")).Output);
        Assert.Contains("  goal      2", (await shell.RunAsync("stat d/f")).Output, StringComparison.Ordinal);
        Assert.Contains("\"goal\":2", (await shell.RunAsync("stat d/f --json")).Output, StringComparison.Ordinal);
        await RefusesAsync(shell, GofsError.InvalidArgument, "setrep 0 d/f");
        await RefusesAsync(shell, GofsError.NotFound, "setrep 1 nothing");
    }

    [Fact]
    public async Task Names_MoveAndAreCopied()
    {
        await using var shell = await ShellAsync("moves");
        await ShowsAsync(shell, "", "mkdir d e");
        await ShowsAsync(shell, "", $"put '{await FileAsync("m", "moved")}' m");
        await ShowsAsync(shell, "", "mv m d");
        await ShowsAsync(shell, "m\n", "ls d");
        await RefusesAsync(shell, GofsError.NotPermitted, "mv d d/m2");
        await ShowsAsync(shell, "", "cp d/m copy");
        await RefusesAsync(shell, GofsError.AlreadyExists, "mv -n d/m copy");
        await RefusesAsync(shell, GofsError.AlreadyExists, "cp -n d/m copy");
        await RefusesAsync(shell, GofsError.NotPermitted, "cp copy copy");
        await RefusesAsync(shell, GofsError.IsADirectory, "cp d tree");
        await RefusesAsync(shell, GofsError.NotPermitted, "cp -r d d/below");
        await ShowsAsync(shell, "", "ln -s m d/link");
        await ShowsAsync(shell, "", "chmod 640 d/m");
        await ShowsAsync(shell, "", "cp -r d tree");
        await ShowsAsync(shell, "link\nm\n", "ls tree");
        var (before, after) = (await shell.RunAsync("ls -l d"), await shell.RunAsync("ls -l tree"));
        Assert.Equal(before.Output, after.Output);
        await ShowsAsync(shell, "d\n", "ls e", "cp -r d e");
        await ShowsAsync(shell, "copy\nd\ntree\n", "ls e", "mv copy tree e");
        await RefusesAsync(shell, GofsError.NotADirectory, "mv e/copy d e/copy");
        Assert.Equal(ExitCodes.Usage, (await shell.RunAsync("mv e/copy other:/x")).ExitCode);
    }

    [Fact]
    public async Task Attributes_AreChanged()
    {
        await using var shell = await ShellAsync("attributes");
        await ShowsAsync(shell, "", "touch f");
        await ShowsAsync(shell, "", "touch -c nothing");
        await ShowsAsync(shell, "f\n", "ls");
        await ShowsAsync(shell, "", "ln -s f link");
        await RefusesAsync(shell, GofsError.AlreadyExists, "ln -s g link");
        await ShowsAsync(shell, "", "ln -sf f link");
        Assert.Equal(ExitCodes.Usage, (await shell.RunAsync("ln f hard")).ExitCode);
        await ShowsAsync(shell, "f\n", "readlink link");
        await RefusesAsync(shell, GofsError.InvalidArgument, "readlink f");
        await ShowsAsync(shell, "", "chmod u=rwx,go= link");
        await ShowsAsync(shell, "", "chown 12:34 link");
        var stat = await shell.RunAsync("stat f");
        foreach (var says in new[] { "gofs://attributes/f\n", "type      file", "size      0 bytes", "0700 -rwx------", "owner     12, group 34" })
            Assert.Contains(says, stat.Output, StringComparison.Ordinal);
        Assert.Contains("link -> f\n", (await shell.RunAsync("stat link")).Output, StringComparison.Ordinal);
        Assert.Contains("0700", (await shell.RunAsync("stat -L link")).Output, StringComparison.Ordinal);
        await ShowsAsync(shell, "", "mkdir -p d/e");
        await ShowsAsync(shell, "", "chmod -R g+w d");
        await ShowsAsync(shell, "", "chown -R :7 d");
        Assert.Matches(@"^drwxrwxr-x 1 - \d+ 7 ", (await shell.RunAsync("ls -l d")).Output);
        await ShowsAsync(shell, "", "xattr set f user.k 'a value'");
        await ShowsAsync(shell, "user.k\n", "xattr ls f");
        await ShowsAsync(shell, "a value\n", "xattr get f user.k");
        await ShowsAsync(shell, "", "xattr rm f user.k");
        await RefusesAsync(shell, GofsError.NotFound, "xattr get f user.k");
        await RefusesAsync(shell, GofsError.NotFound, "xattr rm f user.k");
        await ShowsAsync(shell, "", "truncate -s 2K f");
        await ShowsAsync(shell, "", "truncate -s +1 f");
        await ShowsAsync(shell, "", "truncate -s -49 f");
        await ShowsAsync(shell, "2000\tgofs://attributes/f\n", "du f");
    }

    [Fact]
    public async Task Administration_IsShownAndDone()
    {
        await using var shell = await ShellAsync("admin");
        await ShowsAsync(shell, "namespace small is there, number", "ns create small chunk-size=1M trash=60");
        Assert.Contains("small\n", (await shell.RunAsync("ns ls")).Output, StringComparison.Ordinal);
        Assert.Contains("chunk-size    1048576", (await shell.RunAsync("ns show small")).Output, StringComparison.Ordinal);
        Assert.Contains("max-names     7", (await shell.RunAsync("ns config small max-names=7")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, (await shell.RunAsync("ns config small bogus=7")).ExitCode);
        await RefusesAsync(shell, GofsError.InvalidArgument, "ns config small goal=0");
        await ShowsAsync(shell, "would remove namespace small", "ns rm small");
        await ShowsAsync(shell, "", "ns rm small --yes");
        await RefusesAsync(shell, GofsError.NamespaceNotFound, "ns show small");
        await ShowsAsync(shell, "", "touch f");
        await ShowsAsync(shell, "", "rm f");
        Assert.EndsWith(" /f\n", (await shell.RunAsync("trash ls admin")).Output, StringComparison.Ordinal);
        await ShowsAsync(shell, "", "trash restore admin 1 --to /g");
        await ShowsAsync(shell, "g\n", "ls");
        await ShowsAsync(shell, "", "rm g");
        await ShowsAsync(shell, "would remove all 1 trash items", "trash purge admin");
        await ShowsAsync(shell, "1 removed\n", "trash purge admin --yes");
        await ShowsAsync(shell, "healthy. 1 of 1 chunk servers live.\n", "status");
        Assert.Matches(@"(?s)^server +size +used.*\ntotal .*1 disks in service\n\nnamespace .*\nadmin .*$", (await shell.RunAsync("df")).Output);
        await ShowsAsync(shell, "silo-1 ", "cs ls");
        Assert.Equal("", (await shell.RunAsync("lease ls admin")).Output);
        await RefusesAsync(shell, GofsError.NotFound, "lease break /nothing");
        Assert.Equal(ExitCodes.Usage, (await shell.RunAsync("console user set ada --role king")).ExitCode);
        await RefusesAsync(shell, GofsError.InvalidArgument, "console user set ada --keep-password");
        await ShowsAsync(shell, "", "console user rm ada");
        Assert.Contains("master", (await shell.RunAsync("meta status admin")).Output, StringComparison.Ordinal);
        await ShowsAsync(shell, "Snapshot at ", "meta snapshot admin");
        Assert.NotEmpty((await shell.RunAsync("editlog tail admin -n 3")).Output);
        Assert.NotEmpty((await shell.RunAsync("editlog show admin 1 -n 1")).Output);
        Assert.Contains("mkdir", (await shell.RunAsync("bench meta -n 64 -c 8")).Output, StringComparison.Ordinal);
        Assert.Contains("ratio: random reads", (await shell.RunAsync("bench small -n 64 -c 8 --warm-up 8 --size 1M")).Output, StringComparison.Ordinal);
        Assert.Contains("ratio: read", (await shell.RunAsync("bench io --size 2M")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryCommand_PrintsJson_AndOnlyThat()
    {
        await using var shell = await ShellAsync("json", "--json");
        foreach (var line in (string[])["mkdir d", "touch d/f", "ln -s f d/l", "xattr set d/f user.k v", "rm d/l", "ln -s f d/l"])
            Assert.Equal(("", 0), await shell.RunAsync(line) is var done ? (done.Output, done.ExitCode) : default);
        foreach (var line in (string[])
        [
            "ls", "ls -lR", "ls d/f", "tree d", "du d", "du -s d", "find d", "stat d/f d/l", "readlink d/l", "checksum d/f", "xattr ls d/f", "xattr get d/f user.k", "setrep 1 d/f",
            "pwd", "help", "ns ls", "ns show json", "ns config json", "ns create another", "ns rm another", "trash ls json", "trash purge json", "status", "df",
            "cs ls", "meta status json", "meta snapshot json", "editlog tail json", "editlog show json 1", "bench meta -n 64 -c 8", "bench small -n 64 -c 8 --size 1M", "bench io --size 1M",
            "trash purge json --yes", "config show", "config show json", "config set ScrubDays 13", "config unset ScrubDays", "quota show", "quota set json --names 99", "audit",
        ])
        {
            var end = await shell.RunAsync(line);
            Assert.True(end is { ExitCode: 0, Error: "", Output.Length: > 0 }, $"{line}: {end}");
            foreach (var document in end.Output.TrimEnd('\n').Split('\n'))
            {
                using var read = JsonDocument.Parse(document);
                Assert.Equal(JsonValueKind.Object, read.RootElement.ValueKind);
            }
        }

        var failed = await shell.RunAsync("stat nothing");
        Assert.Equal((ExitCodes.Of(GofsError.NotFound), ""), (failed.ExitCode, failed.Output));
        Assert.Equal("gofsctl: /nothing: there is no such file or directory\n", failed.Error);
    }

    [Fact]
    public async Task Shell_MovesAbout_AndEndsAsItIsTold()
    {
        await using (var shell = await ShellAsync("shell"))
        {
            await ShowsAsync(shell, "", "mkdir -p a/b");
            await ShowsAsync(shell, "gofs://shell/a/b\n", "pwd", "cd a", "cd b");
            await ShowsAsync(shell, "gofs://shell/a/b\n", "cd -", "cd /");
            await RefusesAsync(shell, GofsError.NotFound, "cd nowhere");
            await RefusesAsync(shell, GofsError.NotADirectory, "cd f", "cd /", "touch f");
            Assert.Contains("Usage:", (await shell.RunAsync("help ls")).Output, StringComparison.Ordinal);
            Assert.Equal(ExitCodes.Usage, (await shell.RunAsync("ls 'open")).ExitCode);
            Assert.Equal(ExitCodes.Usage, (await shell.RunAsync("put - x")).ExitCode);
            Assert.Equal(ExitCodes.Usage, (await shell.RunAsync("ls --bogus")).ExitCode);
            var partial = await shell.RunAsync("ls nothing /");
            Assert.Equal((ExitCodes.Partial, 1), (partial.ExitCode, partial.Error.Count(c => c == '\n')));
        }

        Assert.Equal(7, (await CtlAsync("exit 7\nbogus\n", "shell")).ExitCode);
        var stopped = await CtlAsync("ls shell:/\nstat shell:/nothing\necho never\n", "shell");
        Assert.Equal(ExitCodes.Of(GofsError.NotFound), stopped.ExitCode);
        Assert.Contains("line 2 failed", stopped.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("never", stopped.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipes_CarryBytes_AndAppendAppends()
    {
        await CtlAsync(null, "ns", "create", "pipes");
        Assert.Equal(0, (await CtlAsync("begin ", "put", "-", "pipes:/p")).ExitCode);
        Assert.Equal(0, (await CtlAsync("end", "append", "pipes:/p")).ExitCode);
        Assert.Equal("begin end", (await CtlAsync(null, "get", "pipes:/p", "-")).Output);
        Assert.Equal("gofs://pipes/\n", (await CtlAsync(null, "ls")).Output.Split('\n').First(line => line.Contains("pipes", StringComparison.Ordinal)) + "\n");
    }

    [Fact]
    public async Task Fsck_SaysCleanOrWhatItFound_AndDoctorHowEverythingIs()
    {
        await using var shell = await ShellAsync("checked");
        await ShowsAsync(shell, "", $"put '{await FileAsync("kept", "kept")}' kept", "mkdir d");
        await ShowsAsync(shell, "gofs://checked/d: clean. 1 names, ", "fsck d");
        await ShowsAsync(shell, "gofs://checked/: clean. 3 names, 1 chunks and 1 replicas as of EditLog number ", "fsck /");
        await RefusesAsync(shell, GofsError.NotFound, "fsck nothing");
        Assert.Equal(ExitCodes.Usage, (await CtlAsync(null, "fsck", "checked", "--yes")).ExitCode);
        var number = (await fixture.Client.Namespace("checked").GetStatusAsync(TestContext.Current.CancellationToken)).Number;
        var server = (await fixture.Client.ListChunkServersAsync(TestContext.Current.CancellationToken)).Single().Server;
        await fixture.Client.Grains.GetGrain<IChunkServerGrain>(server.Value).CreateAsync(ChunkHandle.Create(number, 0, 1L << 33), 1 << 16);
        var found = await CtlAsync(null, "fsck", "checked", "--repair");
        Assert.Equal(ExitCodes.Findings, found.ExitCode);
        Assert.Contains("notice orphans", found.Output, StringComparison.Ordinal);
        Assert.Contains("would delete 1", found.Error, StringComparison.Ordinal);
        var repaired = (await CtlAsync(null, "fsck", "checked", "--repair", "--yes", "--json")).Output.Split('\n');
        Assert.Equal("done", JsonDocument.Parse(repaired[0]).RootElement.GetProperty("repair").GetString());
        Assert.Equal(1, JsonDocument.Parse(repaired[1]).RootElement.GetProperty("findings").GetInt64());
        var clean = await CtlAsync(null, "fsck", "checked:/", "--json");
        Assert.Equal((0, true), (clean.ExitCode, JsonDocument.Parse(clean.Output).RootElement.GetProperty("clean").GetBoolean()));
        var doctor = await CtlAsync(null, "doctor", "--json");
        var healthy = JsonDocument.Parse(doctor.Output.TrimEnd('\n').Split('\n')[^1]).RootElement.GetProperty("healthy").GetBoolean();
        Assert.Equal(healthy ? ExitCodes.Done : ExitCodes.Findings, doctor.ExitCode);
        Assert.Contains("1 silos, 1 chunk servers", (await CtlAsync(null, "doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongRecord_IsAppendedAndReadBack_AndOneTooLongIsRefused()
    {
        await CtlAsync(null, "ns", "create", "records");
        var text = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i:000000000} "));
        Assert.Equal(0, (await CtlAsync(text, "append", "--record", "records:/r")).ExitCode);
        Assert.Equal(0, (await CtlAsync("short\n" + text, "append", "--record", "--lines", "records:/r")).ExitCode);
        Assert.True((await CtlAsync(null, "cat", "--records", "records:/r")).Output == $"{text}\nshort\n{text}\n", "other records");
        var refused = await CtlAsync(new string('x', (16 << 20) - 31), "append", "--record", "records:/r");
        Assert.Equal((ExitCodes.Usage, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("a record has at most 16777184 bytes", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_OffersWhatIsThere_AndIsSilentWhenNobodyAnswers()
    {
        await CtlAsync(null, "ns", "create", "completion");
        await CtlAsync(null, "mkdir", "completion:/share");
        Assert.Contains("complete -o default -F _gofsctl gofsctl", (await CtlAsync(null, "completion", "bash")).Output, StringComparison.Ordinal);
        Assert.Contains("compdef", (await CtlAsync(null, "completion", "zsh")).Output, StringComparison.Ordinal);
        Assert.Contains("complete -c gofsctl", (await CtlAsync(null, "completion", "fish")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, (await CtlAsync(null, "completion", "tcsh")).ExitCode);
        Assert.Equal("lease\nln\nls\n", (await CtlAsync(null, "__complete", "--", "gofsctl l")).Output);
        var silent = await CtlAsync(null, "__complete", "--", $"gofsctl --gateway 127.0.0.1:{GofsProcess.FreePort()} ls completion:/");
        Assert.Equal((0, "", ""), (silent.ExitCode, silent.Output, silent.Error));
    }

    private async Task<ShellProcess> ShellAsync(string name, params string[] arguments)
    {
        await fixture.Client.CreateNamespaceAsync(name, cancellation: TestContext.Current.CancellationToken);
        return new([Silo.Gateway], [$"{name}:/", .. arguments]);
    }

    private async Task<string> FileAsync(string name, string text)
    {
        var path = Path.Combine(Silo.Folder, name);
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return path;
    }

    private Task<ProcessEnd> CtlAsync(string? input, params string[] arguments) => GofsProcess.RunAsync(
        GofsProcess.Info(GofsProcess.CtlFile, ["--gateway", Silo.Gateway, .. arguments]), TimeSpan.FromSeconds(60), input);

    /// <summary>After the commands that come before, a line says this, or begins so when the expected text has no newline at its end.</summary>
    private static async Task ShowsAsync(ShellProcess shell, string expected, string line, params string[] before)
    {
        foreach (var one in before) Assert.Equal(0, (await shell.RunAsync(one)).ExitCode);
        var end = await shell.RunAsync(line);
        Assert.True(end is { ExitCode: 0, Error: "" }, $"{line}: {end}");
        if (expected.Length == 0 || expected.EndsWith('\n') && !line.StartsWith("status", StringComparison.Ordinal)) Assert.Equal(expected, end.Output);
        else Assert.StartsWith(expected, end.Output, StringComparison.Ordinal);
    }

    private static async Task RefusesAsync(ShellProcess shell, GofsError error, string line, params string[] before)
    {
        foreach (var one in before) Assert.Equal(0, (await shell.RunAsync(one)).ExitCode);
        var end = await shell.RunAsync(line);
        Assert.True(end.ExitCode == ExitCodes.Of(error), $"{line}: {end}");
        Assert.Equal((1, ""), (end.Error.Count(c => c == '\n'), end.Output));
    }
}

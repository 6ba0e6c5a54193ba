using System.Text.Json;
using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Output;

/// <summary>Standard output: text for people, or JSON documents, one a line.</summary>
internal sealed class Printer(bool isJson) : IAsyncDisposable
{
    private readonly Stream stream = new BufferedStream(Console.OpenStandardOutput(), 64 << 10);

    /// <summary>Whether JSON is asked for.</summary>
    public bool IsJson => isJson;

    /// <summary>The bytes themselves.</summary>
    public Stream Bytes => stream;

    /// <summary>Whether a person reads it.</summary>
    public bool IsTerminal { get; } = !isJson && LibC.IsTerminal(1) == 1;

    /// <summary>A line of text; names in it as <see cref="PathText"/> has them.</summary>
    public void Line(string text) => Text(text, '\n');

    /// <summary>Text with its own end.</summary>
    public void Text(string text, char end)
    {
        stream.Write(PathText.Encode(text));
        stream.WriteByte((byte)end);
    }

    /// <summary>A name or path as it is shown: as it is into a pipe, with its control characters visible on a terminal.</summary>
    public string Name(string name) => IsTerminal ? Texts.Visible(name) : name;

    /// <summary>A JSON document on a line of its own.</summary>
    public void Json(Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    /// <summary>Either form of the same.</summary>
    public void Show(string text, Action<Utf8JsonWriter> write)
    {
        if (isJson) Json(write);
        else Line(text);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();
}

using CsCheck;
using Gofs.Web.Parts;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Sizes and times that people type and read.</summary>
public sealed class UnitsTests
{
    [Fact]
    public void AnySize_ComesBackAsItWas() => Gen.Long[0, long.MaxValue].Sample(bytes => Units.ParseSize(Units.Size(bytes)) == bytes);

    [Fact]
    public void AnyTime_ComesBackAsItWas() => Gen.Long[0, TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond].Sample(
        ms => Units.ParseSpan(Units.Span(TimeSpan.FromTicks(ms * TimeSpan.TicksPerMillisecond))) == TimeSpan.FromTicks(ms * TimeSpan.TicksPerMillisecond));

    [Theory]
    [InlineData("64 MiB", 64L << 20)]
    [InlineData("64M", 64L << 20)]
    [InlineData(" 1.5g ", 3L << 29)]
    [InlineData("4096", 4096)]
    [InlineData("0", 0)]
    public void Sizes_AreRead(string text, long bytes) => Assert.Equal(bytes, Units.ParseSize(text));

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1,5 GiB")]
    [InlineData("9999999999 TiB")]
    [InlineData("5 parsecs")]
    public void NoSize_IsNone(string text) => Assert.Null(Units.ParseSize(text));

    [Theory]
    [InlineData("7 d", 7 * 86_400_000L)]
    [InlineData("90s", 90_000)]
    [InlineData("1.5 h", 5_400_000)]
    [InlineData("0", 0)]
    public void Times_AreRead(string text, long ms) => Assert.Equal(TimeSpan.FromTicks(ms * TimeSpan.TicksPerMillisecond), Units.ParseSpan(text));

    [Theory]
    [InlineData("60")]
    [InlineData("soon")]
    [InlineData("-1 s")]
    public void NoTime_IsNone(string text) => Assert.Null(Units.ParseSpan(text));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "0.98 KiB")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(200L << 20, "200 MiB")]
    [InlineData(long.MaxValue, "8.00 EiB")]
    public void Sizes_AreShownWithThreeDigits(long bytes, string text) => Assert.Equal(text, Texts.Size(bytes));

    [Theory]
    [InlineData("no answer in time", "No answer in time.")]
    [InlineData("projects: it is gone", "projects: it is gone.")]
    [InlineData("It is.", "It is.")]
    public void Failures_AreSentences(string text, string sentence) => Assert.Equal(sentence, Texts.Sentence(text));
}

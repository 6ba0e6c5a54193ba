using MudBlazor;

namespace Gofs.Web.Shell;

/// <summary>Colours and type of MudBlazor's parts, the same as those of console.css.</summary>
internal static class ConsoleTheme
{
    private static readonly string[] Fonts = ["Inter", "system-ui", "sans-serif"];

    /// <summary>Light and dark.</summary>
    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#2b59c3",
            Error = "#b3261e",
            Success = "#1a7347",
            Warning = "#8a5a00",
            Background = "#f6f7f9",
            Surface = "#ffffff",
            TextPrimary = "#1a1e26",
            TextSecondary = "#596273",
            LinesDefault = "#e2e5ea",
            LinesInputs = "#aeb5c0",
            ActionDefault = "#596273",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#86a8ff",
            PrimaryContrastText = "#0e1116",
            Error = "#ff8a80",
            ErrorContrastText = "#0e1116",
            Success = "#5bcf95",
            Warning = "#e5b454",
            Background = "#0f1217",
            Surface = "#181c23",
            TextPrimary = "#e7eaf0",
            TextSecondary = "#9aa4b4",
            LinesDefault = "#2a303a",
            LinesInputs = "#4a5361",
            ActionDefault = "#9aa4b4",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = "0.875rem", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Fonts, FontSize = "0.875rem", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Fonts, FontSize = "0.8125rem", LetterSpacing = "normal" },
            H6 = new H6Typography { FontFamily = Fonts, FontSize = "1rem", FontWeight = "600", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Fonts, FontSize = "0.8125rem", FontWeight = "550", LetterSpacing = "normal", TextTransform = "none" },
        },
    };
}

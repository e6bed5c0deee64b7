using System.Text.Json.Nodes;

namespace Aim.Datasets;

/// <summary>The processors' files of the lab's models.</summary>
internal static class LabProcessors
{
    /// <summary>Names and contents of a model's files.</summary>
    public static IEnumerable<(string Name, JsonObject Json)> Of(LabModelKind kind)
    {
        if (kind == LabModelKind.Video)
        {
            var pictures = Processor("LlavaOnevisionImageProcessor", "LlavaOnevisionProcessor");
            pictures["image_grid_pinpoints"] = LabConfig.Pinpoints();
            var videos = Processor("LlavaOnevisionVideoProcessor", "LlavaOnevisionProcessor");
            videos["video_processor_type"] = "LlavaOnevisionVideoProcessor";
            return
            [
                ("preprocessor_config.json", pictures),
                ("processor_config.json", new()
                {
                    ["image_token"] = "<image>",
                    ["num_image_tokens"] = LabConfig.Patches(kind),
                    ["processor_class"] = "LlavaOnevisionProcessor",
                    ["video_token"] = "<video>",
                    ["vision_aspect_ratio"] = "anyres_max_9",
                    ["vision_feature_select_strategy"] = "full",
                }),
                ("video_preprocessor_config.json", videos),
            ];
        }

        return
        [
            ("preprocessor_config.json", Processor("SiglipImageProcessor", "LlavaProcessor")),
            ("processor_config.json", new()
            {
                ["image_token"] = "<image>",
                ["num_additional_image_tokens"] = 0,
                ["patch_size"] = LabConfig.Patch(kind),
                ["processor_class"] = "LlavaProcessor",
                ["vision_feature_select_strategy"] = "full",
            }),
        ];
    }

    private static JsonObject Processor(string type, string family) => new()
    {
        ["do_convert_rgb"] = true,
        ["do_normalize"] = true,
        ["do_rescale"] = true,
        ["do_resize"] = true,
        ["image_mean"] = LabConfig.Numbers(0.5, 0.5, 0.5),
        ["image_processor_type"] = type,
        ["image_std"] = LabConfig.Numbers(0.5, 0.5, 0.5),
        ["processor_class"] = family,
        ["resample"] = 3,
        ["rescale_factor"] = 1.0 / 255,
        ["size"] = new JsonObject { ["height"] = LabWorld.Canvas, ["width"] = LabWorld.Canvas },
    };
}

//! A picture of a page as it was drawn, with the places outlined that rules recognised.
//!
//! Nothing is asked of the site for it: the page is still open, and its requests are turned down. How large it is does not
//! depend on the page: a part of fixed width, at most so high, at most so many bytes.

use std::time::Duration;

use chromiumoxide::cdp::{
    browser_protocol::page::{CaptureScreenshotFormat, CaptureScreenshotParams, Viewport},
    js_protocol::runtime::{EvaluateParams, ExecutionContextId, TimeDelta},
};
use serde::Deserialize;

/// Outlines elements.
const SCRIPT: &str = include_str!("mark.js");

/// Time for the outlines and the picture together.
pub(super) const TIME: Duration = Duration::from_secs(4);
/// Places that are outlined.
pub(super) const PLACES: usize = 12;
/// Width of a picture, in pixels: the browser's window.
const WIDTH: f64 = 1280.0;
/// Largest height.
const HEIGHT: f64 = 4000.0;
/// What is shown above the first outline of a longer page.
const ABOVE: f64 = 400.0;
/// Largest picture that is kept, in bytes.
pub(super) const BYTES: usize = 3 << 19;
/// The colour of the outlines: seen on white, on dark, and in print.
const COLOUR: &str = "#d1006c";

/// What the outlining script says.
#[derive(Debug, Deserialize)]
pub(super) struct Outlined {
    /// Elements that were outlined.
    pub(super) boxes: u32,
    /// Pixels above the first.
    first: f64,
    /// Height of the page as it says itself.
    height: f64,
}

/// The command that outlines places in the world that the reading ran in.
pub(super) fn outline(world: ExecutionContextId, places: &[String]) -> Option<EvaluateParams> {
    let places = serde_json::to_string(&places[..places.len().min(PLACES)]).ok()?;
    let mut mark = EvaluateParams::new(format!("({SCRIPT})({places}, '{COLOUR}')"));
    mark.context_id = Some(world);
    mark.return_by_value = Some(true);
    mark.silent = Some(true);
    mark.timeout = Some(TimeDelta::new(2_000.0));
    Some(mark)
}

/// The command that takes the picture, at a scale. Whatever the page says of its height, it is bounded.
pub(super) fn capture(outlined: &Outlined, scale: f64) -> CaptureScreenshotParams {
    let height = if outlined.height.is_finite() { outlined.height.clamp(1.0, 1e6) } else { HEIGHT };
    let first = if outlined.first.is_finite() { outlined.first.clamp(0.0, height) } else { 0.0 };
    // A longer page is shown from its top, unless what is outlined would not be on it.
    let top = if first + ABOVE > HEIGHT { (first - ABOVE).max(0.0) } else { 0.0 };
    let shown = (height - top).clamp(1.0, HEIGHT);
    CaptureScreenshotParams::builder()
        .format(CaptureScreenshotFormat::Png)
        .clip(Viewport { x: 0.0, y: top, width: WIDTH, height: shown, scale })
        .capture_beyond_viewport(true)
        .build()
}

/// True for the bytes of a PNG.
pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_decides_how_large_its_picture_is() {
        let clip = |first: f64, height: f64| {
            let clip = capture(&Outlined { boxes: 1, first, height }, 1.0).clip;
            clip.map(|clip| (clip.x, clip.y, clip.width, clip.height))
        };
        assert_eq!(clip(100.0, 900.0), Some((0.0, 0.0, 1280.0, 900.0)));
        assert_eq!(clip(100.0, 1e9), Some((0.0, 0.0, 1280.0, 4000.0)));
        assert_eq!(clip(20_000.0, 30_000.0), Some((0.0, 19_600.0, 1280.0, 4000.0)));
        assert_eq!(clip(29_900.0, 30_000.0), Some((0.0, 29_500.0, 1280.0, 500.0)));
        assert_eq!(clip(f64::NAN, f64::INFINITY), Some((0.0, 0.0, 1280.0, 4000.0)));
        assert_eq!(clip(-5.0, -5.0), Some((0.0, 0.0, 1280.0, 1.0)));
    }
}

// Runs in a page before its own code: notes when the first frame of each partner, and each frame, is shown.
window.firstFramesMs = [];
window.framesMs = [];
const seen = new Set();
const watched = new Set();

function watch(video) {
  watched.add(video);
  const next = () => {
    window.framesMs.push(Date.now());
    const id = video.srcObject?.id;
    if (id !== undefined && !seen.has(id)) {
      seen.add(id);
      window.firstFramesMs.push(Date.now());
    }
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
}

new MutationObserver(() => {
  const video = document.querySelector('[data-testid="remote-video"]');
  if (video !== null && !watched.has(video)) watch(video);
}).observe(document, { childList: true, subtree: true });

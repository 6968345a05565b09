/// The page at `/`: one document without anything to load, which asks `/v1/model` and `/v1/versions` every two seconds.
///
/// The script only ever sets text, never markup, so nothing a model or a detector is named can become part of the page.
enum StatusPage {
    /// - Parameter nonce: what the content security policy of this answer lets run.
    static func html(nonce: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Freshet</title>
        <style nonce="\(nonce)">\(style)</style>
        </head>
        \(body)
        <script nonce="\(nonce)">\(script)</script>
        </html>
        """
    }

    private static let body = """
        <body>
        <main>
        <header>
          <div>
            <h1 id="model">Freshet</h1>
            <p class="quiet" id="about">waiting for a model</p>
          </div>
          <p class="pill" id="gate">…</p>
        </header>
        <p class="card notice" id="notice" role="status" hidden></p>
        <section class="card causes" id="causes" aria-label="Why learning is frozen" hidden></section>
        <dl class="tiles">
          <div class="card"><dt>Version</dt><dd id="version">–</dd><p class="quiet" id="digest"></p></div>
          <div class="card"><dt>Age</dt><dd id="age">–</dd><p class="quiet" id="created"></p></div>
          <div class="card"><dt>Learnt up to</dt><dd id="watermark">–</dd><p class="quiet" id="watermark-date"></p></div>
          <div class="card"><dt>Requests</dt><dd id="rate">–</dd><p class="quiet" id="totals"></p></div>
        </dl>
        <div class="charts" id="charts">
          <figure class="card" id="chart-loss" hidden></figure>
          <figure class="card" id="chart-rank" hidden></figure>
        </div>
        <section class="card" id="ladder" hidden>
          <h2>Versions kept</h2>
          <div class="scroll"><table>
            <thead><tr><th>Version</th><th>Written</th><th>Events</th><th id="quality-name">Log loss</th><th>State</th></tr></thead>
            <tbody id="versions"></tbody>
          </table></div>
        </section>
        <footer class="quiet">
          <a href="/v1/model">model</a> <a href="/v1/versions">versions</a> <a href="/metrics">metrics</a>
          <a href="/v2">inference protocol</a>
          <span id="connection"></span>
        </footer>
        <noscript><p class="card notice">This page needs JavaScript; <a href="/v1/model">/v1/model</a> says the same as JSON.</p></noscript>
        </main>
        </body>
        """
}

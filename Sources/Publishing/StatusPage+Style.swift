extension StatusPage {
    static let style = """
        :root {
          --ground: #f6f5f2; --card: #ffffff; --line: #e4e1da; --ink: #1d2125; --quiet: #5f666e;
          --good: #0c6b58; --good-ground: #ddf1ea; --warn: #8a5300; --warn-ground: #fbeccd; --bad: #a3221f; --bad-ground: #fae0dd;
          --curve: #0f766e; --curve-2: #4f5bb5;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #121517; --card: #1b1f22; --line: #2d3337; --ink: #e9ebec; --quiet: #9aa3aa;
            --good: #7fdcc0; --good-ground: #123a31; --warn: #f2c46d; --warn-ground: #3d2e10; --bad: #f5a39c; --bad-ground: #451a18;
            --curve: #4fc9b4; --curve-2: #9aa6f5;
          }
        }
        * { box-sizing: border-box; margin: 0; }
        [hidden] { display: none !important; }
        body { background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: clamp(1rem, 4vw, 2.5rem); display: grid; gap: 1rem; }
        main > * { min-width: 0; }
        header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
        h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere; }
        h2 { font-size: .875rem; font-weight: 600; margin-bottom: .5rem; }
        a { color: inherit; margin-right: .75rem; }
        .quiet { color: var(--quiet); font-size: .8125rem; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: .625rem; padding: 1rem 1.125rem; }
        .pill { border-radius: 2rem; padding: .3rem .9rem; font-weight: 600; font-size: .9375rem; background: var(--line); }
        .pill::before { content: ""; display: inline-block; width: .55em; height: .55em; margin-right: .5em; border-radius: 50%;
          background: currentColor; }
        .good { color: var(--good); background: var(--good-ground); }
        .warn, .notice { color: var(--warn); background: var(--warn-ground); }
        .bad { color: var(--bad); background: var(--bad-ground); }
        .notice { border-color: transparent; }
        .causes { border-left: 4px solid var(--bad); display: grid; gap: .75rem; }
        .causes strong { margin-right: .5rem; }
        .tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(10.5rem, 100%), 1fr)); }
        .charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
        dt { color: var(--quiet); font-size: .8125rem; }
        dd { font-size: 1.625rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        dd small { font-size: .9375rem; font-weight: 500; color: var(--quiet); margin-left: .15em; }
        .tiles .quiet { min-height: 1.2em; overflow-wrap: anywhere; }
        figcaption { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
        figcaption span { color: var(--quiet); font-size: .8125rem; }
        figcaption b { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
        svg { display: block; width: calc(100% - 3rem); height: 8.5rem; margin-top: .75rem; overflow: visible; }
        svg .curve { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
        svg .rule { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
        #chart-rank .curve { stroke: var(--curve-2); }
        .axis { display: flex; justify-content: space-between; margin: .35rem 3rem 0 0; }
        .plot { position: relative; }
        .plot .quiet { position: absolute; right: 0; font-size: .75rem; font-variant-numeric: tabular-nums; }
        .plot .top { top: -.55rem; }
        .plot .bottom { bottom: -.55rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .4rem 1rem .4rem 0; white-space: nowrap; border-top: 1px solid var(--line); }
        thead th { color: var(--quiet); font-weight: 500; border-top: 0; padding-top: 0; }
        tr.served td { font-weight: 600; }
        .faded { opacity: .55; }
        """
}

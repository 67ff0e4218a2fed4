import asyncio, json, collections
from tests.ui.test_console_wall import *
from tests.ui.conftest import *
async def test_profile(scene):
    page, _ = await scene.console.sit(Role.OFFICER)
    scene.incidents.append(await scene.console.whole.incident())
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Profiler.enable"); await cdp.send("Profiler.start")
    await expect(page.locator("button.row").first).to_be_visible()
    import time; t=time.monotonic()
    await page.keyboard.press("a")
    for i in range(30):
        await asyncio.sleep(1)
        st = await page.evaluate("[...document.querySelectorAll('.tile')].map(t=>t.dataset.phase)")
        print(round(time.monotonic()-t,1), st, flush=True)
        if st[:2]==["live","live"]: break
    p = (await cdp.send("Profiler.stop"))["profile"]
    n = {x["id"]:x for x in p["nodes"]}
    c = collections.Counter()
    for s,d in zip(p["samples"],p["timeDeltas"]):
        f=n[s]["callFrame"]; c[f["functionName"]+"@"+f["url"][-30:]+":"+str(f["lineNumber"])+":"+str(f["columnNumber"])]+=d/1000
    for k,v in c.most_common(14): print(round(v),k)
    await shot(page,"profile")

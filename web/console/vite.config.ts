// Two pages, one build: index.html (console) and till.html. Element Plus comes in piece by piece, and only into the console.
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vite'

const server = process.env.LAOKE_SERVER ?? 'http://127.0.0.1:8787'
export default defineConfig({
  plugins: [vue(), components({ dirs: [], dts: 'src/components.d.ts', resolvers: [ElementPlusResolver({ importStyle: 'css' })] })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { console: 'index.html', till: 'till.html' },
      output: {
        codeSplitting: {
          groups: [
            { name: 'charts', test: /node_modules[\\/](echarts|zrender)/ },
            { name: 'vue', test: /node_modules[\\/](vue|@vue|vue-router|pinia)[\\/]/ },
            { name: 'element', test: /node_modules[\\/](element-plus|@element-plus|@floating-ui|@vueuse|dayjs|async-validator|lodash)/ },
          ],
        },
      },
    },
  },
  server: { port: 5173, proxy: { '/v1': { target: server, changeOrigin: false }, '/docs': server, '/openapi.json': server } },
})
